// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing
import Vocabulary

/// `ctdb ip plan` and `ctdb ip state`.
@Suite struct AddressPlanTests {
    static let state = """
        {"schema":"ctdb.ip.state/1","algorithm":"lcp2","nodes":[
         {"node":0,"flags":["unhealthy"],"known":[{"address":"10.0.0.1","node":0},
          {"address":"10.0.0.2","node":1},{"address":"fd00::1","node":null}]},
         {"node":1,"known":[{"address":"10.0.0.1","node":0},{"address":"10.0.0.2","node":1},
          {"address":"fd00::1"}]},
         {"node":3,"known":[{"address":"10.0.0.1","node":0}],"available":["10.0.0.1"]}]}
        """

    @Test func aStateFromStandardInput() {
        #expect(
            typed("ip plan --state -", input: [Self.state])
                == Outcome(
                    output: """
                        ALGORITHM  CHOSEN  SKIPPED  MOVES  UNHOSTED  MOST  FEWEST
                        lcp2       yes     no           2         0     2       1

                        ALGORITHM  ADDRESS   FROM  TO  REASON              EXPLANATION
                        lcp2       fd00::1      -   1  unhosted            no node has it
                        lcp2       10.0.0.1     0   3  holder-cannot-host  its node is unhealthy

                        ALGORITHM  ADDRESS   NODE
                        lcp2       fd00::1      1
                        lcp2       10.0.0.2     1
                        lcp2       10.0.0.1     3

                        """))
        let all = typed("ip plan --state - --algorithm all --porcelain", input: [Self.state])
        let lines = all.output.split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("plans\t") }.map { $0.split(separator: "\t")[1] }
                == ["deterministic", "non-deterministic", "lcp2", "fewest-moves"])
        #expect(lines.count { $0.hasPrefix("moves\t") } == 8)
    }

    /// Node 1 has the only address, and is gone or not.
    static func daemon(_ flags: NodeFlags, algorithm: UInt32 = 0) throws -> FakeDaemon {
        let nodes = (0..<3).map { number in
            NodeMap.Node(
                pnn: PNN(rawValue: UInt32(number)), flags: number == 1 ? flags : [],
                address: .ipv4(address: 0x0A00_0001 + UInt32(number), port: 0))
        }
        return try FakeDaemon.cluster { request, node in
            switch request {
            case .getNodeMap: .reply(.nodeMap(NodeMap(nodes: nodes)))
            case .getTunable(let name):
                .reply(.tunable(name == "IPAllocAlgorithm" ? algorithm : node.rawValue / 2))
            default: nil
            }
        }
    }

    @Test func theLiveStateGoesThroughJSON() throws {
        let daemon = try Self.daemon(.disconnected)
        defer { daemon.end() }
        let live = typed("ip plan --json", socket: daemon.path)
        #expect(live.code == 0)
        #expect(live.output.contains("\"algorithm\":\"deterministic\",\"chosen\":true"))
        #expect(live.output.contains("\"from\":null,\"to\":0,\"reason\":\"unhosted\""))
        #expect(live.output.contains("node 1 had it and is disconnected"))
        // Node 2 has other tunables, which the JSON says beside the plan.
        #expect(live.output.contains("NoIPTakeover is 1 on node 2"))
        let state = typed("ip state --json", socket: daemon.path)
        #expect(state.code == 0)
        let again = typed("ip plan --json --state -", input: [state.output])
        #expect(again.code == 0)
        let notes = "\"notes\":["
        #expect(
            again.output.part(before: notes) == live.output.part(before: notes))
        #expect(
            daemon.requests.allSatisfy {
                switch $0 {
                case .getPNN, .getNodeMap, .getTunable, .getPublicIPs: true
                default: false
                }
            }, "nothing is touched")
    }

    @Test func aNodeThatDoesNotAnswerEndsThePlan() throws {
        let daemon = try FakeDaemon.cluster { request, node in
            if case .getPublicIPs = request, node == PNN(rawValue: 2) { .silence } else { nil }
        }
        defer { daemon.end() }
        let outcome = typed("ip plan --timeout 1", socket: daemon.path)
        #expect(outcome.code == 5)
        #expect(outcome.errors.hasPrefix("ctdb: node 2: getPublicIPs: no answer in time"))
    }

    @Test(arguments: [
        ("", "line 1: the text ends where a value is expected"),
        ("[]", "the state is no object"),
        ("{}", "its schema is not ctdb.ip.state/1"),
        ("{\"schema\":\"ctdb.ip.state/2\",\"nodes\":[]}", "its schema is not ctdb.ip.state/1"),
        ("{\"schema\":\"ctdb.ip.state/1\"}", "nodes is missing"),
        ("{\"schema\":\"ctdb.ip.state/1\",\"algorithm\":7,\"nodes\":[]}", "no such algorithm"),
        ("{\"schema\":\"ctdb.ip.state/1\",\"nodes\":{}}", "the state: nodes is no list"),
        ("{\"schema\":\"ctdb.ip.state/1\",\"nodes\":[{}]}", "a node has no number below 10000"),
        (
            "{\"schema\":\"ctdb.ip.state/1\",\"nodes\":[{\"node\":4294967296}]}",
            "a node has no number below 10000"
        ),
        (
            "{\"schema\":\"ctdb.ip.state/1\",\"nodes\":[{\"node\":0},{\"node\":0}]}",
            "node 0 is there twice"
        ),
        (
            "{\"schema\":\"ctdb.ip.state/1\",\"nodes\":[{\"node\":0,\"known\":[{}]}]}",
            "node 0: known: not an IPv4 or IPv6 address"
        ),
        (
            "{\"schema\":\"ctdb.ip.state/1\",\"nodes\":[{\"node\":0,\"flags\":[\"ill\"]}]}",
            "node 0: flags are ok, disconnected, unhealthy, disabled, banned, deleted, stopped"
        ),
        (
            "{\"schema\":\"ctdb.ip.state/1\",\"no_ip_failback\":1,\"nodes\":[]}",
            "the state: no_ip_failback is neither true nor false"
        ),
        (
            "{\"schema\":\"ctdb.ip.state/1\",\"force_rebalance\":[-1],\"nodes\":[]}",
            "force_rebalance: not the number of a node"
        ),
    ])
    func aStateThatIsNoneIsRefused(text: String, why: String) {
        let outcome = typed("ip plan --state -", input: [text])
        #expect(outcome.code == 2)
        #expect(outcome.errors.hasPrefix("ctdb: read the state: \(why)"), "\(outcome.errors)")
    }

    @Test func aFileThatIsNotThere() {
        let outcome = typed("ip plan --state /nonexistent/state")
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("/nonexistent/state"))
    }
}

extension String {
    /// What stands before the first place where a text is.
    fileprivate func part(before text: String) -> Substring {
        guard let range = firstRange(of: text) else { return self[...] }
        return self[..<range.lowerBound]
    }
}
