// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import BenchKit
import Sockets
import Vocabulary

/// Measures what the new protocol costs, and what the legacy one does.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-bench",
        abstract: "Measure what the new protocol costs, and what the legacy one does.",
        subcommands: [
            DecodeCommand.self, Serve.self, Load.self, Bulk.self, Flood.self, PingTable.self,
            LocalServe.self,
            LocalLoad.self, LegacyServe.self, LegacyLoadCommand.self, AddressCommand.self,
        ])

    static func main() {
        // As the daemons do.
        ProcessEnvironment.limitHeaps()
        main(nil)
    }

    /// Runs a measurement; a failure is one line.
    static func measure(_ body: () throws(BenchError) -> Void) throws {
        do throws(BenchError) {
            try body()
        } catch {
            StandardError.write(Array("ctdb-bench: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }

    /// Prints what a load comes to; requests that came to nothing are a failure.
    static func show(json: Bool, _ load: () throws(BenchError) -> LoadReport) throws {
        try measure { () throws(BenchError) in
            let report = try load()
            print(json ? report.json : report.text)
            if report.failures > 0 { throw .failed(report.failures) }
        }
    }
}

/// A number of bytes, such as 64, 1M or 1G.
struct ByteCount: ExpressibleByArgument {
    var value: Int

    init(_ value: Int) { self.value = value }

    init?(argument: String) {
        let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
        let shift = argument.last.flatMap { shifts[$0] }
        guard let number = Int(shift == nil ? argument[...] : argument.dropLast()),
            number >= 0, number < 1 << 30
        else { return nil }
        value = number << (shift ?? 0)
    }
}

/// Where the daemons of this node are.
struct Place: ParsableArguments {
    @Option(help: "The directory of the sockets of this node's daemons.")
    var runDirectory = "/run/ctdb/tablecloth"
}

/// What a load is made of.
struct Shape: ParsableArguments {
    @Option(help: "The bytes of a request, and of its answer.")
    var size = ByteCount(64)

    @Option(help: "So many requests are under way at any time.")
    var outstanding = 1

    @Option(help: "Measure so many round trips.")
    var count: Int?

    @Option(help: "Measure for so many seconds (5, unless a count is given).")
    var seconds: Double?

    @Option(help: "So many round trips come first and are not measured.")
    var warmup = 200

    @Flag(help: "Print one JSON object.")
    var json = false

    var plan: LoadPlan {
        let limit: LoadPlan.Limit
        if let count, seconds == nil {
            limit = .count(max(count, 1))
        } else {
            limit = .nanoseconds(UInt64(max(0.001, min(seconds ?? 5, 86_400)) * 1e9))
        }
        return LoadPlan(
            byteCount: size.value, outstanding: max(outstanding, 1), warmup: max(warmup, 0),
            limit: limit)
    }

    func validate() throws {
        if count != nil, seconds != nil {
            throw ValidationError("Give a count or a number of seconds, not both.")
        }
    }
}
