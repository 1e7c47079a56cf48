// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

/// Event daemons beside the ctdbd of the laboratory, and scripts that leave a line each time.
@MainActor
private final class EventNodes {
    /// What ctdbd and the scripts have left of an event.
    struct Account: Equatable {
        var asked = 0
        var begun = 0
        var ended = 0
    }

    let cluster: Cluster
    private var daemons: [Int: Child] = [:]
    private var folders: [Int: (etc: String, log: String, ctdbdLog: Int)] = [:]

    init(_ cluster: Cluster) async throws {
        self.cluster = cluster
        for node in 0..<Cluster.nodeCount {
            let etc = try await path(node, "etc")
            let log = try await path(node, "log")
            folders[node] = (etc, log, Self.text(log + "/log.ctdb").utf8.count)
            let script = """
                #!/bin/sh
                case $1 in monitor|takeip|releaseip) ;; *) exit 0 ;; esac
                echo "begin $1 $3" >>/var/log/ctdb/marks
                sleep 0.05
                echo "end $1 $3" >>/var/log/ctdb/marks

                """
            try await cluster.scratch.writeProgram(
                script, to: etc + "/events/legacy/99.mark.script")
            try start(node)
        }
    }

    private func path(_ node: Int, _ what: String) async throws -> String {
        try await cluster.lab("path", "\(node)", what)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// Starts the event daemon of a node, as another program in front of it lets it be.
    func start(_ node: Int, behind program: [String] = []) throws {
        daemons[node] = try cluster.start(
            on: node,
            program + [
                Places.eventDaemon, "--service", "--run-directory", cluster.runDirectory(node),
            ])
    }

    func daemon(_ node: Int) throws -> Child {
        guard let daemon = daemons[node] else { throw Trouble("node \(node) has no daemon") }
        return daemon
    }

    /// Our command line on node 0.
    @discardableResult
    func ctdb(_ words: String...) async throws -> String {
        try await cluster.run(
            on: 0,
            [Places.command] + words
                + (words.first == "stage" ? ["--run-directory", cluster.runDirectory(0)] : []))
    }

    /// The stage of a node and what is in effect there, as the command line has it.
    func stage(_ node: Int) async throws -> String {
        let text = try await ctdb("stage", "list", "--porcelain")
        let line = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
            .first { $0.count > 3 && $0[0] == "stages" && $0[1] == "event" && $0[2] == "\(node)" }
        return line.map { $0.dropFirst(3).joined(separator: " ") } ?? text
    }

    func wait(_ stage: String, on nodes: [Int] = [0, 1, 2]) async throws {
        for node in nodes {
            var found = ""
            do {
                try await eventually("the stage") {
                    found = try await self.stage(node)
                    return found.hasPrefix("\(stage) \(stage) ") || found == "\(stage) \(stage)"
                }
            } catch { throw Trouble("node \(node) is not \(stage): \(found); \(try log(node))") }
        }
    }

    /// Goes on to shadow, as soon as the daemons that were started answer.
    func prepare() async throws {
        var said = ""
        do {
            try await eventually("it is prepared") {
                said = try await ctdb("stage", "prepare", "event")
                return said.contains("done      yes")
            }
        } catch { throw Trouble("\(error): \(said)") }
    }

    /// Goes on to native on some nodes.
    func takeOver(_ nodes: String, _ list: [Int]) async throws {
        var said = ""
        do {
            try await eventually("it is verified") {
                said = try await ctdb("stage", "verify", "event", "--node", nodes)
                return said.contains("done      yes")
            }
        } catch { throw Trouble(said) }
        said = try await ctdb("stage", "switch", "event", "--node", nodes)
        guard said.contains("done      yes") else { throw Trouble(said) }
        try await wait("native", on: list)
    }

    /// What ctdbd has logged since the beginning.
    func log(_ node: Int) throws -> String {
        guard let folder = folders[node] else { throw Trouble("no node \(node)") }
        return String(
            decoding: Array(Self.text(folder.log + "/log.ctdb").utf8).dropFirst(folder.ctdbdLog),
            as: UTF8.self)
    }

    /// The account of each event of a kind on a node, by its address.
    func accounts(_ event: String, _ words: String, on node: Int) throws -> [String: Account] {
        var all: [String: Account] = [:]
        for line in try log(node).split(separator: "\n") {
            guard let range = line.range(of: "]: \(words) of IP ") else { continue }
            all[String(line[range.upperBound...].prefix { $0 != "/" }), default: .init()].asked += 1
        }
        let marks = Self.text((folders[node]?.log ?? "") + "/marks")
        for line in marks.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count == 3, fields[1] == event else { continue }
            if fields[0] == "begin" { all[fields[2], default: .init()].begun += 1 }
            if fields[0] == "end" { all[fields[2], default: .init()].ended += 1 }
        }
        return all
    }

    /// Moves all addresses about, again and again, until it is told to end.
    func moveAddresses() throws -> Child {
        let stop = cluster.scratch.file("stop")
        try? FileManager.default.removeItem(atPath: stop)
        let text = """
            addresses=$(ctdb ip | awk '/^[0-9]/ { print $1 }')
            for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                for address in $addresses; do
                    [ ! -e \(stop) ] || exit 0
                    ctdb moveip $address $((round % 3)) || true
                done
            done
            """
        return try cluster.start(on: 0, ["sh", "-c", text])
    }

    func stopMoving(_ mover: Child) async throws {
        _ = FileManager.default.createFile(atPath: cluster.scratch.file("stop"), contents: nil)
        _ = try await mover.end(within: .seconds(120))
    }

    /// Gives everything back.
    func end() async throws {
        try await ctdb("stage", "reverse", "event")
        try await ctdb("stage", "cancel", "event")
        for daemon in daemons.values { daemon.signal(SIGTERM) }
        for daemon in daemons.values { _ = try await daemon.end() }
        for folder in folders.values {
            try? FileManager.default.removeItem(
                atPath: folder.etc + "/events/legacy/99.mark.script")
            try? FileManager.default.removeItem(atPath: folder.log + "/marks")
        }
    }
}

extension LaboratoryTests {
    /// The event function on a live cluster: to the new daemon, and back.
    @Suite @MainActor
    struct EventTakeover {
        private func with(_ work: (EventNodes) async throws -> Void) async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let nodes = try await EventNodes(cluster)
            do {
                try await work(nodes)
            } catch {
                try? await nodes.end()
                throw error
            }
            try await nodes.end()
        }

        private static let kinds = [("takeip", "Takeover"), ("releaseip", "Release")]

        @Test("while addresses move, each event runs once, wherever")
        func eachEventRunsOnce() async throws {
            try await with { nodes in
                try await nodes.prepare()
                try await nodes.wait("shadow")
                let mover = try nodes.moveAddresses()
                for _ in 0..<2 {
                    try await nodes.takeOver("1", [1])
                    try await nodes.takeOver("0,2", [0, 2])
                    try await nodes.ctdb("stage", "reverse", "event", "--node", "1")
                    try await nodes.wait("shadow", on: [1])
                    try await nodes.ctdb("stage", "reverse", "event")
                    try await nodes.wait("shadow")
                }
                try await nodes.stopMoving(mover)
                try await nodes.cluster.lab("wait", "60")
                var count = 0
                for node in 0..<Cluster.nodeCount {
                    for (event, words) in Self.kinds {
                        for (address, account) in try nodes.accounts(event, words, on: node) {
                            #expect(
                                account.begun == account.asked && account.ended == account.asked,
                                "\(event) of \(address) on node \(node): \(account)")
                            count += account.asked
                        }
                    }
                    let log = try nodes.log(node)
                    #expect(
                        !log.contains("became UNHEALTHY") && !log.contains("monitor event failed"))
                    #expect(log.contains("events are run here"))
                }
                #expect(count > 10, "too few events to say anything")
            }
        }

        @Test("a daemon that is killed again and again loses no event, and nobody hangs")
        func nothingIsLostWithTheDaemon() async throws {
            try await with { nodes in
                try await nodes.prepare()
                try await nodes.wait("shadow")
                try await nodes.takeOver("1", [1])
                let before = try await nodes.cluster.run(on: 1, ["cat", "/run/ctdb/ctdbd.pid"])
                let mover = try nodes.moveAddresses()
                // On a busy machine few events are asked for while it is killed eight times.
                for round in 0..<60 {
                    let asked = try Self.kinds.reduce(0) { sum, kind in
                        try nodes.accounts(kind.0, kind.1, on: 1).values
                            .reduce(sum) { $0 + $1.asked }
                    }
                    if round >= 8, asked > 3 { break }
                    let moment = ContinuousClock.now + .milliseconds(Int.random(in: 0..<900))
                    try await eventually("a while") { ContinuousClock.now >= moment }
                    try await nodes.daemon(1).kill()
                    try nodes.start(1)
                }
                try await nodes.wait("native", on: [1])
                try await nodes.stopMoving(mover)
                try await nodes.cluster.lab("wait", "60")
                let after = try await nodes.cluster.run(on: 1, ["cat", "/run/ctdb/ctdbd.pid"])
                #expect(before == after)
                var count = 0
                let log = try nodes.log(1)
                for (event, words) in Self.kinds {
                    let accounts = try nodes.accounts(event, words, on: 1)
                    count += accounts.values.reduce(0) { $0 + $1.asked }
                    // What was cut off begins anew, and 10.interface fails when it has done its
                    // part before: whoever asked is told so.
                    let unfinished = accounts.values.reduce(0) {
                        $0 + max(0, $1.asked - $1.ended)
                    }
                    let failed = log.split(separator: "\n")
                        .count { $0.hasSuffix("]: \(event) event failed") }
                    #expect(unfinished <= failed, "\(event): \(accounts)")
                }
                #expect(count > 3, "too few events to say anything")
                // The other nodes' daemons had nothing to do with it.
                for (_, account) in try nodes.accounts("takeip", "Takeover", on: 2) {
                    #expect(account.begun == account.asked)
                }
            }
        }

        @Test("without the right to freeze processes the legacy daemon goes on, and that is said")
        func whatIsMissingIsSaid() async throws {
            try await with { nodes in
                try await nodes.daemon(2).kill()
                try nodes.start(2, behind: ["setpriv", "--bounding-set=-sys_ptrace"])
                try await nodes.prepare()
                try await nodes.wait("shadow")
                try await eventually("it is verified") {
                    try await nodes.ctdb("stage", "verify", "event", "--node", "2")
                        .contains("done      yes")
                }
                _ = try await nodes.ctdb("stage", "switch", "event", "--node", "2")
                try await eventually("the reason is shown") {
                    let stage = try await nodes.stage(2)
                    return stage.hasPrefix("native shadow ")
                        && stage.contains("CAP_SYS_PTRACE is missing")
                }
                let status = try await nodes.cluster.ctdb(2, "event", "status", "legacy", "monitor")
                #expect(status.contains("00.ctdb              OK"))
            }
        }
    }
}
