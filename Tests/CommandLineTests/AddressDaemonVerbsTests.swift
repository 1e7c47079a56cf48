// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CommandLine
import PeerWire
import Testing
import Vocabulary

/// What only the address daemon can say and do.
@Suite struct AddressDaemonVerbsTests {
    private static let lines = [
        #"{"time":1700000000007,"address":"10.1.0.100","from":1,"to":0,"event":"taken","#
            + #""reason":"ctdb moveip by alice","microseconds":2500,"by":"administrator"}"#,
        #"{"time":1700000001000,"address":"fd00::1","from":null,"to":null,"event":"conflict","#
            + #""reason":"a machine outside has it","microseconds":null,"by":"ctdb-ipd"}"#,
        #"{"time":1700000002000,"address":"10.1.0.100","from":0,"to":null,"event":"released","#
            + #""reason":"","microseconds":40,"by":"node 2","later":[1]}"#,
    ]

    @Test func theHistoryIsShown() throws {
        let place = try AddressPlace(native: [0])
        let daemon = FakeAddressDaemon(in: place.directory) { [lines = Self.lines] procedure, _ in
            guard procedure == PeerProtocol.ipHistory else { return .silence }
            return .value(IPHistory(lines: lines.map { IPHistoryLine(text: Array($0.utf8)) }))
        }
        defer { daemon.end() }
        let ctdbd = try FakeDaemon.cluster(flags: .disconnected)
        defer { ctdbd.end() }
        func show(_ words: String) -> Outcome {
            typed("ip history --node 0 \(words)", socket: ctdbd.path, variables: place.variables)
        }
        #expect(
            show("--porcelain").output == """
                2023-11-14T22:13:20.007Z\t0\t10.1.0.100\ttaken\t1\t0\t0.0025\tadministrator\t\
                ctdb moveip by alice
                2023-11-14T22:13:21.000Z\t0\tfd00::1\tconflict\t\t\t\tctdb-ipd\t\
                a machine outside has it
                2023-11-14T22:13:22.000Z\t0\t10.1.0.100\treleased\t0\t\t0.00004\tnode 2\t

                """)
        let one = show("10.1.0.100 --count 1 --porcelain").output
        #expect(one.hasPrefix("2023-11-14T22:13:22.000Z\t0\t10.1.0.100\treleased"))
        #expect(one.split(separator: "\n").count == 1)
        #expect(show("fd00::1 --json").output.contains("\"schema\":\"ctdb.ip.history/1\""))
        #expect(show("fd00:0::1 --porcelain").output.contains("conflict"))
        #expect(show("--count 2 --porcelain").output.split(separator: "\n").count == 2)
        // Who asks for some lines of one address needs to see all.
        let asked = daemon.asked(PeerProtocol.ipHistory, IPHistoryRequest.self).map(\.count)
        #expect(asked == [0, 0, 0, 0, 2])
        // Without ctdbd the daemon of this node is asked.
        let alone = typed("ip history --porcelain", variables: place.variables)
        #expect(alone.output.split(separator: "\n").count == 3)
    }

    @Test func linesThatAreNoneAreCounted() throws {
        let place = try AddressPlace(native: [0])
        let bad = [
            "", "{", "[]", "1", "{}", #"{"time":1,"event":"taken"}"#,
            #"{"time":-1,"address":"10.1.0.1","event":"taken"}"#,
            #"{"time":1e300,"address":"10.1.0.1","event":"taken"}"#,
        ]
        // An odd moment or address is shown as far as it goes.
        let odd = [
            #"{"time":9223372036854775807,"address":"nonsense","event":"taken","from":-1,"#
                + #""to":"x","microseconds":"y","by":3}"#
        ]
        let daemon = FakeAddressDaemon(in: place.directory) { _, _ in
            .value(IPHistory(lines: (bad + odd).map { IPHistoryLine(text: Array($0.utf8)) }))
        }
        defer { daemon.end() }
        let outcome = typed("ip history --json", variables: place.variables)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("\"\(bad.count) lines cannot be read\""))
        #expect(outcome.output.contains("\"address\":\"nonsense\""))
    }

    @Test func theStatusIsShown() throws {
        let place = try AddressPlace(finalised: [0])
        let daemon = FakeAddressDaemon(in: place.directory) { _, _ in
            .value(
                IPStatus(
                    inEffect: .finalised, hosts: true, coordinator: PNN(rawValue: 2), term: 7,
                    heldOffMilliseconds: 6500, configured: 4, hosted: 2, connections: 90, runs: 3,
                    problem: "node 1: no answer", later: []))
        }
        defer { daemon.end() }
        let ctdbd = try FakeDaemon.cluster(flags: .disconnected)
        defer { ctdbd.end() }
        let outcome = typed(
            "ip status --porcelain", socket: ctdbd.path, variables: place.variables)
        let rows = outcome.output.split(separator: "\n")
        #expect(rows.count == 3)
        #expect(rows[0] == "0\tfinalised\t1\t2\t7\t6.5\t4\t2\t90\t3\tnode 1: no answer")
        #expect(rows[2] == "2\t\t\t\t\t\t\t\t\t\tthe node is disconnected")
        #expect(outcome.code == 3)
        #expect(outcome.errors.contains("node 2: show the address daemon"))
        let own = typed("ip status --node 0", socket: ctdbd.path, variables: place.variables)
        #expect(own.code == 0)
    }

    @Test func withoutADaemonItIsSaidHowToHaveOne() throws {
        let place = try AddressPlace()
        for verb in ["status", "history"] {
            let outcome = typed("ip \(verb)", variables: place.variables)
            #expect(outcome.code == 4)
            #expect(outcome.errors.contains("ctdb-ipd: the daemon is not running"))
            #expect(outcome.errors.contains("(systemctl start ctdb-ipd)"))
        }
    }

    // MARK: reallocate

    private func run(_ good: Bool, _ problem: String = "") -> FakeAddressDaemon.Rule {
        { procedure, _ in
            guard procedure == PeerProtocol.ipReallocate else { return .silence }
            return .value(
                IPRun(
                    good: good, problem: problem, coordinator: PNN(rawValue: 1), moves: 5,
                    microseconds: 120_000))
        }
    }

    private func nodes(_ daemon: FakeAddressDaemon) -> [[UInt32]] {
        daemon.asked(PeerProtocol.ipReallocate, IPReallocate.self).map {
            $0.nodes.map(\.rawValue)
        }
    }

    @Test func addressesAreDealtOutByTheDaemon() throws {
        let place = try AddressPlace(native: [1])
        let daemon = FakeAddressDaemon(in: place.directory, run(true))
        defer { daemon.end() }
        let all = typed("ip reallocate --porcelain", variables: place.variables)
        #expect(
            all
                == Outcome(
                    output: """
                        action\tip reallocate --porcelain
                        done\t1
                        nodes\t
                        coordinator\t1
                        moves\t5
                        seconds\t0.12

                        """))
        for words in ["--nodes 0,2", "--nodes=2,0", "--nodes all"] {
            #expect(typed("ip reallocate \(words)", variables: place.variables).code == 0)
        }
        let listed = typed(
            "ip reallocate --nodes - --json", input: ["2 1\n# none\n", "\n1,0"],
            variables: place.variables)
        #expect(listed.output.contains("\"nodes\":[2,1,0]"))
        #expect(nodes(daemon) == [[], [0, 2], [2, 0], [], [2, 1, 0]])
        for input in [[], ["\n# nothing\n"], ["x"], ["1\n4294967295"]] {
            let outcome = typed(
                "ip reallocate --nodes -", input: input, variables: place.variables)
            #expect(outcome.code == 2, "\(input)")
        }
        #expect(typed("ip reallocate --nodes 1,,2", variables: place.variables).code == 2)
        let rehearsed = typed(
            "ip reallocate --dry-run --porcelain", variables: place.variables)
        #expect(rehearsed.output.contains("done\t0\n"))
        #expect(nodes(daemon).count == 5)
    }

    @Test func aRunThatDidNotAllSucceedIsAFailure() throws {
        let place = try AddressPlace(native: [0])
        let daemon = FakeAddressDaemon(
            in: place.directory, run(false, "node 2: takeoverIP: no answer"))
        defer { daemon.end() }
        let outcome = typed("ip reallocate --porcelain", variables: place.variables)
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("done\t0\n"))
        #expect(
            outcome.errors == "ctdb: reallocate addresses: node 2: takeoverIP: no answer "
                + "(ctdb ip status; ctdb ip history)\n")
    }

    @Test func whoeverDoesNotDoItIsNamed() throws {
        let legacy = try AddressPlace()
        let given = typed("ip reallocate --nodes 1", variables: legacy.variables)
        #expect(given.code == 1)
        #expect(given.errors.contains("ctdbd cannot be told which nodes can have addresses"))
        // That is ctdbd's, which is not there.
        #expect(typed("ip reallocate", variables: legacy.variables).code == 4)
        let place = try AddressPlace(native: [0])
        let absent = typed("ip reallocate --nodes 1", variables: place.variables)
        #expect(absent.errors.contains("ctdb-ipd: the daemon is not running"))
        #expect(typed("ip reallocate", variables: place.variables).code == 4)
        let daemon = FakeAddressDaemon(in: place.directory) { _, _ in
            .refusal(.failed, "nobody coordinates")
        }
        defer { daemon.end() }
        let refused = typed("ip reallocate", variables: place.variables)
        #expect(refused.errors.contains("ctdb-ipd: nobody coordinates"))
    }
}
