// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

/// A cluster whose ctdbd start our event daemon.
@Suite(.serialized, .enabled(if: Cluster.isPossible, Cluster.reason)) @MainActor
struct EventDaemonTests {
    private let deepScratch: DeepScratch
    private var scratch: ScratchDirectory { deepScratch.directory }
    private let name = "ev-\(getpid())"

    init() throws { deepScratch = try DeepScratch() }

    private func lab(_ arguments: String...) async throws -> (Int32, String, String) {
        let (status, output, errors) = try await scratch.run(
            Places.legacy + "/lab", ["--name", name] + arguments, within: .seconds(40))
        return (status, output, errors)
    }

    private func path(_ node: Int, _ what: String) async throws -> String {
        try await lab("path", "\(node)", what).1.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func ctdbdAndItsToolsWorkAgainstIt() async throws {
        let hold = Pipe()
        let holder = try Child(
            Places.legacy + "/with-lab",
            [name, "3", scratch.file("pids"), "--eventd", Places.eventDaemon],
            directory: scratch.path, input: hold)
        do {
            try await eventually("the laboratory is up", within: .seconds(60)) {
                guard holder.isRunning else { throw Trouble("no laboratory: \(holder.errors)") }
                return holder.output.hasPrefix("up")
            }
            try await useCluster()
        } catch {
            try hold.fileHandleForWriting.close()
            _ = try? await holder.end()
            throw error
        }
        try hold.fileHandleForWriting.close()
        #expect(try await holder.end() == 0, "\(holder.errors)")
    }

    private func useCluster() async throws {
        let files = FileManager.default
        var daemons: [Int32] = []
        for node in 0..<3 {
            let text = files.contents(atPath: try await path(node, "run") + "/eventd.pid")
            let number = String(decoding: text ?? Data(), as: UTF8.self)
            let pid = try #require(Int32(number.trimmingCharacters(in: .newlines)))
            let program = try files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
            #expect(
                program == URL(fileURLWithPath: Places.eventDaemon).resolvingSymlinksInPath().path)
            daemons.append(pid)
        }
        let scripts = ["00.ctdb", "01.reclock", "05.system", "10.interface"]
        let healthy = scripts.map {
            $0.padding(toLength: 20, withPad: " ", startingAt: 0) + " OK         N TIME\n"
        }.joined()
        for command in [["event", "status", "legacy", "monitor"], ["scriptstatus"]] {
            let (status, output, errors) = try await tool(1, command)
            #expect(status == 0 && errors.isEmpty, "\(command): \(errors)")
            #expect(Normal.text(output) == healthy, "\(command)")
        }
        let unknown = try await tool(1, ["event", "status", "legacy", "nothing"])
        #expect(unknown == (22, "Event nothing has never run in legacy\n", ""))
        let noFolder = try await tool(1, ["event", "run", "5", "other", "x"])
        #expect(noFolder == (2, "Event dir for other does not exist\n", ""))
        let folder = try await path(1, "etc") + "/events/legacy"
        let script = folder + "/90.test.script"
        try await scratch.writeProgram("#!/bin/sh\necho \"$*\"\n[ $1 != x ]\n", to: script)
        let failed = try await tool(1, ["event", "run", "20", "legacy", "x", "a b"])
        #expect(failed == (8, "Event x in legacy failed\n", ""))
        let shown = try await tool(1, ["event", "status", "legacy", "x"])
        #expect(shown.0 == 1)
        #expect(
            Normal.text(shown.1).hasSuffix(
                "90.test              ERROR      N TIME\n  OUTPUT: x a b\n\n"), "\(shown)")
        let disabled = try await tool(1, ["event", "script", "disable", "legacy", "90.test"])
        #expect(disabled == (0, "", ""))
        let well = try await tool(1, ["event", "run", "20", "legacy", "x", "a b"])
        #expect(well == (0, "", ""))
        // The log is ctdbd's, and in its form.
        let logPath = try await path(1, "log.ctdb")
        let log = String(decoding: files.contents(atPath: logPath) ?? Data(), as: UTF8.self)
        #expect(log.contains(" ctdb-eventd[\(daemons[1])]: 90.test: x a b\n"))
        #expect(log.contains(" ctdb-eventd[\(daemons[1])]: x event failed\n"))
        try await endWithCtdbd(daemons[2])
    }

    /// A ctdbd that dies takes its event daemon and the scripts along.
    private func endWithCtdbd(_ daemon: Int32) async throws {
        let folder = try await path(2, "etc") + "/events/legacy"
        try await scratch.writeProgram(
            "#!/bin/sh\n[ $1 != slow ] || exec sleep 4711\n", to: folder + "/90.slow.script")
        let client = try Child(
            Places.legacy + "/lab",
            ["--name", name, "exec", "2", "ctdb", "event", "run", "60", "legacy", "slow"],
            directory: scratch.path)
        func isAsleep() -> Bool {
            let children = FileManager.default.contents(
                atPath: "/proc/\(daemon)/task/\(daemon)/children")
            return !(children ?? Data()).isEmpty
        }
        try await eventually("the script runs") { isAsleep() }
        #expect(try await lab("kill", "2").0 == 0)
        try await eventually("the event daemon ends") { Glibc.kill(daemon, 0) != 0 }
        #expect(try await client.end() != 0)
    }

    private func tool(_ node: Int, _ words: [String]) async throws -> (Int32, String, String) {
        // A monitor event of ctdbd gives way, and one of ours gives way to ctdbd's.
        for _ in 0..<10 {
            let (status, output, errors) = try await scratch.run(
                Places.legacy + "/lab", ["--name", name, "exec", "\(node)", "ctdb"] + words)
            if status != 125 { return (status, output, errors) }
        }
        throw Trouble("cancelled ten times: \(words)")
    }
}

/// Output of the tools, with what differs between two runs made the same.
enum Normal {
    static func text(_ output: String) -> String {
        var text = output
        for (pattern, word) in [
            ("[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} [0-9]{4}", "TIME"),
            ("[0-9]+\\.[0-9]{3}(?= )", "N"), ("(?m)^(sees )[0-9]+", "$1PID"),
        ] {
            text = text.replacingOccurrences(of: pattern, with: word, options: .regularExpression)
        }
        return text
    }
}
