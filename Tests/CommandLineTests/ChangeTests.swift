// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing
import Vocabulary

/// What changes something, what only says that it would, and what is refused beforehand.
@Suite struct ChangeTests {
    private static let volatile = DatabaseID(rawValue: 0x1234_5678)

    /// A cluster with a volatile database.
    private static func cluster(
        database flags: DatabaseFlags = [], allowsClients: UInt32 = 0, disconnected: Bool = false
    ) throws -> FakeDaemon {
        try FakeDaemon.cluster(flags: disconnected ? .disconnected : []) { request, _ in
            switch request {
            case .getDatabaseMap:
                return .reply(
                    .databaseMap(DatabaseMap(databases: [.init(id: volatile, flags: flags)])))
            case .getDatabaseName: return .reply(.databaseName("a.tdb"))
            case .getTunable: return .reply(.tunable(allowsClients))
            case .detachDatabase, .setDatabaseSticky, .setDatabaseReadOnly:
                return .reply(.done(status: 0))
            default: return nil
            }
        }
    }

    private func detached(_ daemon: FakeDaemon) -> Int {
        daemon.requests.count { if case .detachDatabase = $0 { true } else { false } }
    }

    @Test func oneDaemonIsAskedToDetach() throws {
        let daemon = try Self.cluster()
        defer { daemon.end() }
        let outcome = typed("db detach a.tdb", socket: daemon.path)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.output.contains("AllowClientDBAttach is still 0"))
        #expect(detached(daemon) == 1)
    }

    @Test(arguments: [
        (DatabaseFlags.readOnly, UInt32(0), "ctdbd crashes"),
        (.persistent, 0, "only volatile databases"),
        (DatabaseFlags(), 1, "clients may still attach"),
    ])
    func whatCannotBeDetachedIsRefused(flags: DatabaseFlags, tunable: UInt32, why: String) throws {
        let daemon = try Self.cluster(database: flags, allowsClients: tunable)
        defer { daemon.end() }
        for line in ["db detach a.tdb", "db detach a.tdb --dry-run"] {
            let outcome = typed(line, socket: daemon.path)
            #expect(outcome.code == 1, "\(line)")
            #expect(outcome.errors.contains(why), "\(line): \(outcome.errors)")
        }
        #expect(detached(daemon) == 0)
    }

    @Test func flagsOfAPersistentDatabaseAreRefused() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed("db flags ctdb.tdb sticky", socket: daemon.path)
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("only volatile databases"))
    }

    // MARK: Dry runs

    @Test func aDryRunSaysWhatItWouldDoAndWhere() throws {
        let daemon = try FakeDaemon.cluster(flags: .disconnected)
        defer { daemon.end() }
        #expect(
            typed("node disable 1 --dry-run", socket: daemon.path)
                == Outcome(output: "would disable node 1\n"))
        #expect(
            typed("node disable --dry-run", socket: daemon.path).output
                == "would disable node 0\n")
        let json = typed("node disable 0,1 --dry-run --json", socket: daemon.path).output
        #expect(json.contains("\"action\":\"node disable 0,1 --json\""), "\(json)")
        #expect(json.contains("\"done\":false,\"nodes\":[0,1]"), "\(json)")
        let missing = typed("node disable 9 --dry-run", socket: daemon.path)
        #expect(missing.code == 2)
        #expect(missing.errors.contains("the cluster has no such node"))
        let apart = typed("node disable 2 --dry-run", socket: daemon.path)
        #expect(apart.code == 1)
        #expect(apart.errors.contains("node 2: node disable: the node is disconnected"))
    }

    @Test func nodesMayComeFromStandardInput() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed(
            "node disable --dry-run", socket: daemon.path, input: ["2\n", "0,1\n"])
        #expect(
            outcome == Outcome(output: "would disable node 2\nwould disable nodes 0, 1\n"))
        let blank = typed("node disable --dry-run", socket: daemon.path, input: ["\n"])
        #expect(blank.code == 2)
        #expect(blank.errors.contains("standard input is empty"))
        // Who names nodes does not have a list taken away.
        let named = typed("node disable -n 1 --dry-run", socket: daemon.path, input: ["2\n"])
        #expect(named.output == "would disable node 1\n")
    }

    // MARK: What is told

    @Test func aTerminalIsToldWhatIsDone() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let line = "tunable set MonitorInterval 3"
        #expect(
            typed(line, socket: daemon.path, isTerminal: true).output
                == "done: run ctdb tunable set MonitorInterval 3 on node 0\n")
        #expect(typed(line, socket: daemon.path).output == "")
        #expect(
            typed(line + " --porcelain", socket: daemon.path, isTerminal: true).output
                .contains("done: ") == false)
    }

    @Test func whatFailsOnSomeNodesIsIncomplete() throws {
        let daemon = try FakeDaemon.cluster { request, node in
            guard case .setTunable(let tunable) = request,
                tunable.value == 2 || node == PNN(rawValue: 1)
            else { return nil }
            return .reply(.failed(status: -1, reason: "no"))
        }
        defer { daemon.end() }
        #expect(typed("tunable set MonitorInterval 1 -n all", socket: daemon.path).code == 3)
        #expect(typed("tunable set MonitorInterval 2 -n all", socket: daemon.path).code == 1)
        #expect(typed("tunable set MonitorInterval 1 -n 1", socket: daemon.path).code == 1)
    }

    @Test func anAddressThatIsNotKnownIsNamed() throws {
        let daemon = try FakeDaemon.cluster { request, _ in
            if case .tcpAddDelayedUpdate = request {
                .reply(.failed(status: -1, reason: ""))
            } else {
                nil
            }
        }
        defer { daemon.end() }
        for line in ["ip show 10.9.9.9", "ip connection add 10.0.0.9:1 10.9.9.9:445"] {
            let outcome = typed(line, socket: daemon.path)
            #expect(outcome.code == 1)
            #expect(
                outcome.errors.contains("10.9.9.9 is not a public address of node 0"),
                "\(outcome.errors)")
        }
        let known = typed("ip add 10.1.0.100/24 eth0", socket: daemon.path)
        #expect(known.errors.contains("knows the address already"))
    }

    @Test func allNodesThatAreUpAreAskedWhichAddressesTheyKnow() throws {
        let daemon = try FakeDaemon.cluster(flags: .disconnected)
        defer { daemon.end() }
        #expect(
            typed("ip list", socket: daemon.path).output
                == "ADDRESS     NODE  KNOWN ON\n10.1.0.100     1  0,1\n")
    }

    @Test func aLinkToADisconnectedNodeIsNamed() throws {
        let daemon = try FakeDaemon.cluster { request, _ in
            request == .getDebug
                ? .reply(.failed(status: -1, reason: "ctdb_control to disconnected node")) : nil
        }
        defer { daemon.end() }
        let outcome = typed("log level get -n 1", socket: daemon.path)
        #expect(outcome.errors.contains("the node is disconnected"), "\(outcome)")
    }

    @Test func levelsAreTakenInAnyCase() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        #expect(typed("log level set notice", socket: daemon.path).code == 0)
        #expect(daemon.requests.contains(.setDebug(level: 3)))
    }

    // MARK: Bytes and spellings

    @Test func bytesThatAreNoTextAreNotChanged() {
        let outcome = typed("db key get a.tdb k\u{FFFD}", damaged: [5])
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("argument 5"))
        #expect(outcome.errors.contains("is not UTF-8"))
        #expect(outcome.errors.contains("--hex"))
        #expect(!typed("node show \u{FFFD}", damaged: [3]).errors.contains("--hex"))
    }

    @Test func aFullDiskIsTold() {
        let outcome = typed("help", outputTrouble: "No space left on device")
        #expect(outcome.code == 1)
        #expect(
            outcome.errors == "ctdb: write to standard output: No space left on device\n")
    }

    @Test func anOldWordWithANewOptionIsTheNewCommand() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        #expect(
            typed("ip --json", socket: daemon.path)
                == typed("ip list --json", socket: daemon.path))
        #expect(
            typed("ip all --json", socket: daemon.path)
                == typed("ip list --node all --json", socket: daemon.path))
        #expect(
            typed("listnodes --json", socket: daemon.path)
                == typed("node list --json", socket: daemon.path))
        #expect(
            typed("getvar MonitorInterval --json", socket: daemon.path)
                == typed("tunable get MonitorInterval --json", socket: daemon.path))
        #expect(typed("pnn --watch", socket: daemon.path, looks: 1).output.contains("0\n"))
        #expect(typed("--version").code == 0)
        #expect(typed("-h").output == typed("help").output)
    }
}
