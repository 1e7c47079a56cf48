// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CommandLine
import LegacyWire
import Sockets
import Synchronization
import Testing
import Vocabulary

/// A state of the cluster, a command line, and what it gives.
@Suite struct GoldenTests {
    @Test func healthyNodes() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        #expect(
            typed("node status", socket: daemon.path)
                == Outcome(
                    output: """
                        NODE  ADDRESS   FLAGS  RUN STATE  RECOVERY MODE  OWN FLAGS  LOCAL
                           0  10.0.0.1  ok     running    normal         ok         yes
                           1  10.0.0.2  ok     running    normal         ok         no
                           2  10.0.0.3  ok     running    normal         ok         no

                        """))
        #expect(
            typed("node list --porcelain -n 1,0", socket: daemon.path).output
                == "1\t10.0.0.2\tok\t0\n0\t10.0.0.1\tok\t1\n")
        #expect(typed("node pnn", socket: daemon.path) == Outcome(output: "0\n"))
        #expect(
            typed("node pnn --json", socket: daemon.path).output
                == "{\"schema\":\"ctdb.node.pnn/1\",\"ok\":true,\"pnn\":0,\"problems\":[],"
                + "\"notes\":[]}\n")
        #expect(
            typed("ip list --node all", socket: daemon.path).output
                == "ADDRESS     NODE  KNOWN ON\n10.1.0.100     1  0,1,2\n")
        #expect(
            typed("db list", socket: daemon.path).output
                == "NAME      ID          FLAGS\nctdb.tdb  0x6645c6c4  persistent\n")
    }

    @Test func aNodeThatDoesNotAnswerIsMarkedInItsRow() throws {
        let daemon = try FakeDaemon.cluster { _, node in
            node == PNN(rawValue: 2) ? .silence : nil
        }
        defer { daemon.end() }
        let outcome = typed("log level get --node all --timeout 1", socket: daemon.path)
        #expect(
            outcome
                == Outcome(
                    output: """
                        NODE  LEVEL
                           0  NOTICE
                           1  NOTICE
                           2  -       no answer

                        """,
                    errors: "ctdb: node 2: getDebug: no answer in time (look whether the node is "
                        + "cut off or busy; --timeout waits longer)\n",
                    code: 3))
    }

    @Test func aNodeThatIsDisconnectedIsNotAsked() throws {
        let daemon = try FakeDaemon.cluster(flags: [.disconnected, .unhealthy])
        defer { daemon.end() }
        let outcome = typed("node ping --porcelain", socket: daemon.path)
        #expect(outcome.code == 3)
        #expect(outcome.output.hasSuffix("2\t\t\n"))
        #expect(outcome.errors.contains("node 2: ask: the node is disconnected"))
        let status = typed("node status --json", socket: daemon.path)
        #expect(status.output.contains("\"flags\":[\"disconnected\",\"unhealthy\"]"))
        #expect(status.output.contains("\"problem\":\"disconnected\""))
        #expect(status.errors == "")
    }

    @Test func aRefusalIsTold() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed("cluster lock -n 0", socket: daemon.path)
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("node 0: getClusterLock: refused with status -1"))
    }

    @Test func whatWouldEndTheDaemonIsNotAsked() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed("db vacuum ctdb.tdb", socket: daemon.path)
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("it is not volatile"))
        #expect(!outcome.errors.contains("refused"))
    }

    @Test func aBackupOfNothingLeavesAnOlderOneAlone() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let scratch = try ScratchDirectory()
        try scratch.write(Array("older".utf8), to: "backup")
        let outcome = typed(
            "db backup nosuch.tdb \(scratch.file("backup"))", socket: daemon.path)
        #expect(outcome.code == 1)
        let kept = try SmallFile.read(scratch.file("backup"), limit: 100)
        #expect(kept == Array("older".utf8))
    }

    @Test func watchingLooksAgain() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed("node pnn --watch 3 --json", socket: daemon.path, looks: 3)
        #expect(outcome.output.split(separator: "\n").count == 3)
        #expect(outcome.code == 0)
        #expect(daemon.clientCount == 1)
        let table = typed("node pnn --watch", socket: daemon.path, looks: 2)
        #expect(
            table.output == String(repeating: "every 2 s: ctdb node pnn --watch\n\n0\n\n", count: 2)
        )
    }

    // MARK: Lists

    @Test func tenThousandLinesGoThroughOneConnection() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let lines = (0..<10_000).map { "10.0.\($0 / 250).\($0 % 250):\($0 + 1) 10.1.0.100:445\n" }
        let outcome = typed(
            "ip connection add", socket: daemon.path, input: [lines.joined()])
        #expect(outcome == Outcome())
        #expect(daemon.clientCount == 1)
        let added = daemon.requests.compactMap { request -> UInt16? in
            guard case .tcpAddDelayedUpdate(let connection) = request else { return nil }
            return connection.source.port
        }
        #expect(added == (1...10_000).map { UInt16($0) })
    }

    @Test func commandsUnderANounComeInLines() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed(
            "tunable", socket: daemon.path,
            input: ["get MonitorInterval\n# a comment\n\nset RecoverTimeout 7\nget Monitorinterval"]
        )
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        #expect(outcome.output == String(repeating: "NODE  VALUE\n   0     15\n", count: 2))
        #expect(
            daemon.requests.contains(.setTunable(Tunable(value: 7, name: "RecoverTimeout"))))
    }

    @Test func oneFailureDoesNotHideTheOthers() throws {
        let daemon = try FakeDaemon.cluster { request, _ in
            guard case .setTunable(let tunable) = request, tunable.value == 2 else { return nil }
            return .reply(.failed(status: -1, reason: "too small"))
        }
        defer { daemon.end() }
        let lines = ["MonitorInterval 1\nMonitorInterval 2\nMonitorInterva 3\nMonitorInterval 4\n"]
        let outcome = typed("tunable set", socket: daemon.path, input: lines)
        #expect(outcome.code == 1)
        #expect(
            outcome.errors == """
                ctdb: line 2: node 0: tunable set MonitorInterval 2: too small
                ctdb: line 3: tunable: there is no tunable "MonitorInterva" \
                (did you mean MonitorInterval?)
                ctdb: 2 of 4 lines failed

                """)
        #expect(sent(daemon) == [1, 2, 4])

        let json = typed("tunable set --json", socket: daemon.path, input: lines)
        #expect(json.errors == "")
        #expect(
            json.output.split(separator: "\n").map { $0.contains("\"ok\":true") }
                == [true, false, false, true])
        #expect(json.output.contains("\"line\":3"))
    }

    @Test func failFastEndsAtTheFirstFailure() throws {
        let daemon = try FakeDaemon.cluster { request, _ in
            guard case .setTunable(let tunable) = request, tunable.value == 2 else { return nil }
            return .reply(.failed(status: -1, reason: "too small"))
        }
        defer { daemon.end() }
        let outcome = typed(
            "tunable set --fail-fast", socket: daemon.path,
            input: ["MonitorInterval 1\nMonitorInterval 2\nMonitorInterval 3\n"])
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("the rest was not looked at"))
        #expect(sent(daemon) == [1, 2])
    }

    @Test func aDryRunChangesNothing() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed(
            "tunable set --dry-run", socket: daemon.path,
            input: ["MonitorInterval 1\nMonitorInterval x\n"])
        #expect(outcome.code == 2)
        #expect(outcome.output == "would run ctdb tunable set MonitorInterval 1 on node 0\n")
        #expect(sent(daemon) == [])
    }

    private func sent(_ daemon: FakeDaemon) -> [UInt32] {
        daemon.requests.compactMap {
            if case .setTunable(let tunable) = $0 { tunable.value } else { nil }
        }
    }

    // MARK: Without a cluster

    @Test func everyOldCommandIsExplained() {
        let outcome = typed("explain ip all")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("ctdb ip list"))
        #expect(typed("explain -X status").output.contains("ctdb cluster status"))
        let all = typed("explain --porcelain")
        #expect(all.output.split(separator: "\n").count == 77)
        #expect(typed("explain status --watch 3", looks: 2).output.contains("every 3 s"))
        #expect(typed("explain natgw leader --json").output.contains("ip natgw status"))
    }

    @Test func everyNewSpellingIsThere() {
        for line in typed("explain --porcelain").output.split(separator: "\n") {
            let new = line.split(separator: "\t", omittingEmptySubsequences: false)[1]
            let words = new.split(separator: " ").dropFirst().map(String.init)
            if case .verb = Structure.ctdb.find(words).place { continue }
            Issue.record("\(line)")
        }
    }

    /// Examples are commands that there are, with arguments that fit.
    @Test func everyNounHasExamplesThatAreRight() {
        for noun in Structure.ctdb.nouns {
            let help = typed("\(noun.name) --help").output
            let examples = help.split(separator: "\n").drop { $0 != "Examples:" }
                .dropFirst().prefix { $0.hasPrefix("  ctdb ") }
            #expect(!examples.isEmpty, "\(noun.name)")
            for example in examples {
                let line =
                    example.dropFirst("  ctdb ".count)
                    .split(separator: "  ", maxSplits: 1).first ?? ""
                let words = line.split(separator: " ").filter { !$0.hasPrefix("<") }
                let outcome = typed(words.joined(separator: " ") + " --dry-run --timeout 1")
                #expect(
                    outcome.code != 2 || line.contains("<"), "\(line): \(outcome.errors)")
            }
        }
    }

    /// What somebody types who has read nothing, and what it leads to.
    @Test(
        arguments: [
            ("help", "Begin with:"), ("-h", "Begin with:"), ("help node", "usage: ctdb node VERB"),
            ("node --help", "usage: ctdb node VERB"), ("node help", "usage: ctdb node VERB"),
            ("ip --help", "usage: ctdb ip VERB"), ("ip list --help", "usage: ctdb ip list"),
            ("node show 7 -h", "usage: ctdb node show"), ("--version", "version"),
            ("cluster status", "systemctl start ctdb"), ("diagnose", "systemctl start ctdb"),
            ("nodes", "did you mean node list?"), ("list", "did you mean node list, ip list"),
            ("show", "node show"), ("database list", "did you mean db?"),
            ("dbs", "did you mean db list?"), ("health", "did you mean diagnose?"),
            ("node status 1", "--node 1 asks there"), ("node 1", "known: pnn, list"),
            ("node list --all", "did you mean --node all?"),
            ("node disable node2", "expected numbers of nodes separated by commas, or all"),
            ("ip add 10.0.0.1", "as in 10.0.0.1/24"), ("ip show", "usage: ctdb ip show ADDRESS"),
            ("cluster uptime", "uptime: node uptime"), ("service", "usage: ctdb service VERB"),
            ("explain", "ctdb cluster status"), ("staus", "did you mean stats, status"),
        ])
    func theFirstThingsTypedLeadSomewhere(line: String, somewhere: String) {
        let outcome = typed(line)
        let text = outcome.output + outcome.errors
        #expect(text.contains(somewhere), "\(line): \(outcome)")
        #expect([0, 2, 4].contains(outcome.code), "\(line): \(outcome)")
    }
}
