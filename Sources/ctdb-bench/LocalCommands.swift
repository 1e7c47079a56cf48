// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import BenchKit
import PeerWire
import Vocabulary

/// Round trips from this node to each.
struct PingTable: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Urgent pings from this node to each, one after the other.")

    @OptionGroup var place: Place

    @Option(help: "The number of nodes of the cluster.")
    var nodes: UInt32 = 3

    @Option(help: "So many pings to each.")
    var count = 500

    @Option(help: "The bytes of a ping.")
    var size = ByteCount(64)

    func run() throws {
        let plan = LoadPlan(
            byteCount: size.value, outstanding: 1, warmup: 20, limit: .count(max(count, 1)))
        var isWhole = true
        for node in 0..<nodes {
            do throws(BenchError) {
                let load = try PeerLoad(
                    directory: place.runDirectory, node: PNN(rawValue: node), lane: .urgent,
                    plan: plan)
                let report = try load.run()
                let times = [500, 990].map {
                    decimal(Double(report.latencies.perMille($0)) / 1_000, digits: 1)
                }
                print(
                    "\(load.address.node) -> \(node)  p50 \(times[0]) us  p99 \(times[1]) us  "
                        + "failed \(report.failures)")
                isWhole = isWhole && report.failures == 0
            } catch {
                print("-> \(node)  \(error)")
                isWhole = false
            }
        }
        if !isWhole { throw ExitCode(1) }
    }
}

/// The echo of the local round trip.
struct LocalServe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer requests of this node's processes; the same as serve.")

    @OptionGroup var place: Place

    func run() throws {
        try Serve.run(.echo, place)
    }
}

/// Round trips between two processes of this node.
struct LocalLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep requests under way to the echo service of this node, past the proxy.")

    @OptionGroup var place: Place
    @OptionGroup var shape: Shape

    func run() throws {
        try Command.show(json: shape.json) { () throws(BenchError) in
            try PeerLoad(
                directory: place.runDirectory, node: .current, lane: .normal, plan: shape.plan
            ).run()
        }
    }
}
