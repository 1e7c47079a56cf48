// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing
import Vocabulary

/// Options of single lines, and lines that are about several nodes.
@Suite struct ListTests {
    /// The values that were set, and on which node.
    private func sent(_ daemon: FakeDaemon) -> [UInt32] {
        daemon.requests.compactMap {
            if case .setTunable(let tunable) = $0 { tunable.value } else { nil }
        }
    }

    @Test func aLineHasItsOwnOptions() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed(
            "tunable", socket: daemon.path,
            input: [
                "set MonitorInterval 1 --json\n", "set MonitorInterval 2 --dry-run\n",
                "get MonitorInterval --porcelain\n", "get MonitorInterval --json --node 1\n",
                "set Nonsense 1 --json\n", "set MonitorInterval 3 --timeout 7\n",
            ])
        let lines = outcome.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 5, "\(outcome)")
        #expect(lines[0].hasPrefix("{\"schema\":\"ctdb.done/1\",\"ok\":true,\"line\":1,"))
        #expect(lines[1] == "would run ctdb tunable set MonitorInterval 2 on node 0")
        #expect(lines[2] == "0\t15")
        #expect(lines[3].contains("\"node\":1"))
        #expect(lines[4].contains("\"ok\":false,\"line\":5"))
        #expect(outcome.errors == "ctdb: 1 of 6 lines failed\n")
        #expect(sent(daemon) == [1, 3])
    }

    @Test func aLineMayBeAboutSeveralNodes() throws {
        let daemon = try FakeDaemon.cluster { request, node in
            guard case .setTunable(let tunable) = request, node == PNN(rawValue: 1),
                tunable.value == 2
            else { return nil }
            return .reply(.failed(status: -1, reason: "no"))
        }
        defer { daemon.end() }
        let outcome = typed(
            "tunable set --node all --json", socket: daemon.path,
            input: ["MonitorInterval 1\nMonitorInterval 2\nMonitorInterval 3 --node 0,2\n"])
        let lines = outcome.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 3, "\(outcome)")
        #expect(lines[0].contains("\"done\":true,\"nodes\":[0,1,2]"))
        #expect(lines[1].contains("\"done\":false,\"nodes\":[0,2]"))
        #expect(lines[1].contains("\"kind\":\"incomplete\",\"node\":1"))
        #expect(lines[2].contains("\"done\":true,\"nodes\":[0,2]"))
        #expect(outcome.code == 3)
        #expect(sent(daemon).sorted() == [1, 1, 1, 2, 2, 2, 3, 3])
    }

    @Test func aNodeThatIsDisconnectedFailsItsLineOnly() throws {
        let daemon = try FakeDaemon.cluster(flags: .disconnected)
        defer { daemon.end() }
        let outcome = typed(
            "tunable set", socket: daemon.path,
            input: ["MonitorInterval 1 -n 2\nMonitorInterval 2\n"])
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("line 1: node 2: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("the node is disconnected"), "\(outcome.errors)")
        #expect(sent(daemon) == [2])
    }

    @Test(arguments: [
        ("--fail-fast", "is about a whole list"), ("--watch", "has no meaning in a list"),
    ])
    func whatIsAboutTheWholeListIsRefusedInALine(option: String, why: String) throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed(
            "tunable", socket: daemon.path, input: ["get MonitorInterval \(option)\n"])
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains(why), "\(outcome.errors)")
        let whole = typed(
            "tunable --fail-fast", socket: daemon.path,
            input: ["get MonitorInterval --fail-fast\n"])
        #expect(whole.code == 0)
    }
}
