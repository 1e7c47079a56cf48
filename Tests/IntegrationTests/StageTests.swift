// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

/// A daemon that does nothing but take part in the stages, on a node of the laboratory.
@MainActor
private final class TestDaemon {
    private let input = Pipe()
    private let child: Child

    init(_ cluster: Cluster, _ node: Int, config: String) async throws {
        child = try Child(
            Places.legacy + "/lab",
            ["--name", cluster.name, "exec", "\(node)", Places.products + "/ctdb-participant"]
                + ["--function", "event", "--config", config]
                + ["--run-directory", cluster.runDirectory(node)],
            directory: cluster.scratch.path, input: input)
        try await eventually("the daemon starts") { output.contains("started") }
    }

    var output: String { child.output }

    func tell(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    }

    func signal(_ number: Int32) {
        let words = output.split(separator: "\n").first?.split(separator: " ") ?? []
        if let pid = words.last.flatMap({ Int32($0) }) { _ = Glibc.kill(pid, number) }
    }

    func end() async throws {
        signal(SIGCONT)
        signal(SIGKILL)
        _ = try await child.end()
    }
}

extension LaboratoryTests {
    /// Stages are kept by the old cluster, and daemons that fail lose them.
    @Suite @MainActor
    struct Stages {
        private let cluster: Cluster
        private let config: String

        init() async throws {
            cluster = try Cluster.current()
            config = cluster.scratch.file("stages")
            let folder = config + "/ctdb.conf.d"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            let record = cluster.scratch.file("changes")
            let program = cluster.scratch.file("callback")
            let script = """
                #!/bin/sh
                echo "$CTDB_CHANGE_NODE: $CTDB_CHANGE_TOPIC $CTDB_CHANGE_SUBJECT \
                $CTDB_CHANGE_STATE" >>\(record)

                """
            try await cluster.scratch.writeProgram(script, to: program)
            let text = """
                [stage]
                    poll interval = 200ms
                    death grace = 1s
                    hang grace = 2s
                [callback record]
                    program = \(program)
                    on = stage leader

                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/stages.conf"))
        }

        private var changes: String {
            String(
                decoding: FileManager.default.contents(atPath: cluster.scratch.file("changes"))
                    ?? Data(), as: UTF8.self)
        }

        /// Runs `ctdb stage` on a node.
        @discardableResult
        private func stage(_ node: Int, _ words: String...) async throws -> String {
            try await cluster.run(
                on: node,
                ["env", "CTDB_BASE=\(config)", Places.command, "stage"] + words
                    + (words[0] == "log"
                        ? [] : ["--run-directory", cluster.runDirectory(node)]))
        }

        /// What a node says of a function on a node: recorded, and in effect.
        private func state(_ of: Int, on node: Int) async throws -> String {
            let lines = try await stage(node, "list", "--porcelain").split(separator: "\n")
            let fields = lines.first { $0.hasPrefix("stages\tevent\t\(of)\t") }?
                .split(separator: "\t", omittingEmptySubsequences: false)
            return fields.map { "\($0[3]) \($0[4])" } ?? "nothing"
        }

        private func wait(for wanted: String, of node: Int, on asked: Int) async throws {
            var seen = ""
            do {
                try await eventually("\(wanted) on node \(node)") {
                    seen = try await state(node, on: asked)
                    return seen == wanted
                }
            } catch {
                throw Trouble("\(error): \(seen): \(try await stage(asked, "list"))")
            }
        }

        private func observer(_ node: Int) throws -> Child {
            try cluster.start(
                on: node,
                [
                    Places.products + "/ctdb-clusterd", "--config", config, "--run-directory",
                    cluster.runDirectory(node),
                ])
        }

        @Test("the old cluster keeps stages, and daemons that fail or die give them back")
        func life() async throws {
            try await cluster.ready()
            let daemons = [
                try await TestDaemon(cluster, 0, config: config),
                try await TestDaemon(cluster, 1, config: config),
            ]
            #expect(
                try await stage(2, "prepare", "event", "--node", "0,1,2")
                    .contains("node 2: ctdb-eventd does not answer"))
            try await stage(2, "prepare", "event", "--node", "0,1", "--reason", "a test")
            for node in 0..<2 { try await wait(for: "shadow shadow", of: node, on: 2) }

            // Without ctdbd the file says it; after a recovery it has what was changed meanwhile.
            try await cluster.lab("kill", "2")
            #expect(try await state(1, on: 2) == "shadow ")
            #expect(try await stage(2, "log").contains("a test"))
            try await eventually("the others go on") {
                try await stage(0, "cancel", "event", "--node", "0").contains("yes")
            }
            #expect(try await state(0, on: 2) == "shadow ")
            try await cluster.lab("start", "2")
            try await wait(for: "legacy legacy", of: 0, on: 2)

            // Nothing is switched unverified; a daemon that is unfit reverses itself.
            try daemons[1].tell("agree")
            #expect(
                try await stage(0, "switch", "event", "--node", "1").contains("was not verified"))
            try await verifyAndSwitch(1)
            try daemons[1].tell("unfit it was told so")
            try await wait(for: "shadow shadow", of: 1, on: 0)
            #expect(try await stage(2, "log").contains("it was told so"))

            // One that dies is reversed by the observer, and callbacks hear of it.
            let observer = try observer(1)
            try await verifyAndSwitch(1)
            try await daemons[1].end()
            try await wait(for: "shadow legacy", of: 1, on: 0)
            #expect(try await stage(2, "log").contains("ctdb-eventd is not running"))
            try await eventually("callbacks") {
                changes.split(separator: "\n").filter { $0.contains("event/1") }.suffix(2)
                    == ["1: stage event/1 native", "1: stage event/1 shadow"]
            }

            // One that hangs is killed first.
            let hanging = try await TestDaemon(cluster, 1, config: config)
            try await wait(for: "shadow shadow", of: 1, on: 0)
            try hanging.tell("agree")
            try await verifyAndSwitch(1)
            hanging.signal(SIGSTOP)
            try await wait(for: "shadow legacy", of: 1, on: 0)
            #expect(try await stage(2, "log").contains("did not answer, and was killed"))

            // With everything of ours dead on a node, others can still give its functions back.
            let last = try await TestDaemon(cluster, 1, config: config)
            try await wait(for: "shadow shadow", of: 1, on: 0)
            try last.tell("agree")
            try await verifyAndSwitch(1)
            observer.signal(SIGKILL)
            try await cluster.proxy(1).kill()
            try await last.end()
            _ = try? await observer.end()
            #expect(try await state(1, on: 0).hasPrefix("native"))
            #expect(try await stage(0, "reverse", "event").contains("native"))
            #expect(try await cluster.ctdb(0, "status").contains("pnn:1"))
            #expect(try await state(1, on: 1) == "shadow legacy")
            try cluster.startProxy(1)

            // Whoever cancels leaves nothing but the log.
            try await stage(0, "cancel", "event")
            try await wait(for: "legacy legacy", of: 1, on: 0)
            try await daemons[0].end()
        }

        private func verifyAndSwitch(_ node: Int) async throws {
            try await eventually("node \(node) can be verified") {
                try await stage(0, "verify", "event", "--node", "\(node)").contains("yes")
            }
            #expect(
                try await stage(0, "switch", "event", "--node", "\(node)").contains("native"))
            try await wait(for: "native native", of: node, on: 0)
        }
    }
}
