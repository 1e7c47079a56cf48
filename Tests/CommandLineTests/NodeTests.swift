// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Sockets
import Testing
import Vocabulary

/// Verbs that are about nodes.
@Suite struct NodeTests {
    /// A cluster whose nodes say all of themselves.
    private static func cluster(
        silent: PNN? = nil, flags: NodeFlags = []
    ) throws -> FakeDaemon {
        try FakeDaemon.cluster(flags: flags) { request, node in
            if node == silent, request != .getNodeMap { return .silence }
            switch request {
            case .getCapabilities: return .reply(.capabilities([.leader, .lmaster]))
            case .getVNNMap:
                return .reply(
                    .vnnMap(VNNMap(generation: Generation(rawValue: 7), nodes: [node])))
            case .getPID: return .reply(.pid(100 + node.rawValue))
            case .uptime:
                let time = Timeval(seconds: 1_000_000_000, microseconds: 0)
                return .reply(
                    .uptime(
                        Uptime(
                            now: time, daemonStarted: time, lastRecoveryStarted: time,
                            lastRecoveryFinished: time)))
            case .getBanState: return .reply(.banState(BanState(pnn: node, seconds: 0)))
            default: return nil
            }
        }
    }

    @Test func severalNodesAreShownBelowEachOther() throws {
        let daemon = try Self.cluster()
        defer { daemon.end() }
        let outcome = typed("node show 1,0", socket: daemon.path)
        #expect(
            outcome
                == Outcome(
                    output: [1, 0].map { node in
                        """
                        node            \(node)
                        address         10.0.0.\(node + 1)
                        flags           ok
                        run state       running
                        recovery mode   normal
                        capabilities    leader,lmaster
                        generation      7
                        pid             \(100 + node)
                        clients         4
                        started         2001-09-09T01:46:40Z
                        banned seconds  0

                        """
                    }.joined(separator: "\n")))
        #expect(typed("node show", socket: daemon.path).output.hasPrefix("node            0\n"))
        #expect(
            typed("node show --porcelain all", socket: daemon.path).output
                .split(separator: "\n").count == 3)
    }

    @Test func aSilentNodeHidesNoOther() throws {
        let daemon = try Self.cluster(silent: PNN(rawValue: 1), flags: .disconnected)
        defer { daemon.end() }
        let outcome = typed("node show all --timeout 1", socket: daemon.path)
        #expect(outcome.code == 3)
        #expect(outcome.output.contains("pid             100\n"))
        #expect(outcome.output.contains("problem         no answer\n"))
        #expect(outcome.output.contains("problem         disconnected\n"))
        #expect(outcome.errors.split(separator: "\n").count == 2, "\(outcome.errors)")
    }

    @Test func aShutdownGoesOnAfterAFailure() throws {
        let daemon = try FakeDaemon.cluster(flags: .disconnected)
        defer { daemon.end() }
        let outcome = typed("node shutdown 2,1", socket: daemon.path)
        #expect(outcome.code == 3, "\(outcome)")
        #expect(outcome.errors.contains("node 2: shut down: the node is disconnected"))
        #expect(daemon.requests.count { $0 == .shutdown } == 1)
    }

    @Test func statesCanBeAskedFor() throws {
        let daemon = try FakeDaemon.cluster { request, node in
            request == .getRunState && node == PNN(rawValue: 1)
                ? .reply(.runState(.firstRecovery)) : nil
        }
        defer { daemon.end() }
        #expect(typed("node runstate running", socket: daemon.path).code == 0)
        #expect(typed("node runstate --node all", socket: daemon.path).code == 0)
        let outcome = typed("node runstate setup running --node all", socket: daemon.path)
        #expect(outcome.code == 1)
        #expect(outcome.errors == "ctdb: node 1: run state: it is first_recovery\n")
        #expect(typed("node runstate well", socket: daemon.path).code == 2)
    }

    @Test func theNodesFileIsListedWithoutADaemon() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(Array("10.99.0.1\n#10.99.0.2\n127.0.0.1\n".utf8), to: "nodes")
        let outcome = typed(
            "node list --file --porcelain", variables: ["CTDB_BASE": scratch.path])
        #expect(outcome.output == "0\t10.99.0.1\t\t0\n1\t\tdeleted\t0\n2\t127.0.0.1\t\t1\n")
        #expect(outcome.code == 0)
        let missing = typed("node list --file", variables: ["CTDB_BASE": "/nonexistent"])
        #expect(missing.code == 1)
        #expect(missing.errors.contains("/nonexistent/nodes"))
    }

    @Test func aPortIsInUseOrNot() throws {
        let free = typed("node port 65535 --porcelain")
        #expect(free.output.hasPrefix("port\t65535\n"))
        #expect(free.code == (free.output.hasSuffix("in_use\t1\n") ? 0 : 1))
        #expect(typed("node port 0").code == 2)
        #expect(typed("node port http").code == 2)
    }

    /// Nodes of the cluster: 0 and 1 are well, 2 has flags; the file names 2, 1 and a stranger.
    @Test(arguments: [
        ("natgw", NodeFlags(), "1"), ("natgw", .unhealthy, "1"), ("lvs", NodeFlags(), "1"),
    ])
    func aGroupOfNodesHasALeader(group: String, flags: NodeFlags, leader: String) throws {
        let daemon = try FakeDaemon.cluster(flags: flags)
        defer { daemon.end() }
        let scratch = try ScratchDirectory()
        try scratch.write(
            Array("10.0.0.3 follower-only\n10.0.0.2\n10.0.0.99\n".utf8), to: "\(group)_nodes")
        let outcome = typed(
            "ip \(group) status --porcelain", socket: daemon.path,
            variables: ["CTDB_BASE": scratch.path])
        #expect(outcome.code == 0, "\(outcome)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 4)
        #expect(lines[0] == "leader\t\(leader)")
        #expect(lines[1].hasPrefix("nodes\t2\t10.0.0.3\t0\t1\t"))
        #expect(lines[2].hasPrefix("nodes\t1\t10.0.0.2\t1\t0\tok"))
        #expect(lines[3].hasPrefix("nodes\t\t10.0.0.99\t0\t0\t"))
    }

    @Test func aGroupOfNodesMayBeMissingOrWrong() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let scratch = try ScratchDirectory()
        let variables = ["CTDB_BASE": scratch.path]
        let missing = typed("ip natgw status", socket: daemon.path, variables: variables)
        #expect(missing.code == 1)
        #expect(missing.errors.contains("this cluster has none"), "\(missing.errors)")
        try scratch.write(
            Array("CTDB_NATGW_NODES=$CTDB_BASE/group\n".utf8), to: "script.options")
        try scratch.write(Array("10.0.0.1 leader\n".utf8), to: "group")
        let wrong = typed("ip natgw status", socket: daemon.path, variables: variables)
        #expect(wrong.errors.contains("group, line 1: behind the address"), "\(wrong.errors)")
        try scratch.write(Array("10.0.0.1 follower-only\n".utf8), to: "group")
        let none = typed("ip natgw status", socket: daemon.path, variables: variables)
        #expect(none.code == 1)
        #expect(none.errors.contains("no node can be it"), "\(none.errors)")
        try scratch.write(Array("CTDB_NATGW_NODES=$(pwd)/x\n".utf8), to: "script.options")
        let shell = typed("ip natgw status", socket: daemon.path, variables: variables)
        #expect(shell.errors.contains("only a shell can tell"), "\(shell.errors)")
    }
}
