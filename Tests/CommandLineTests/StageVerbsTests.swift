// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Sockets
import StageCore
import Testing
import TrivialDatabase
import Vocabulary

/// `ctdb stage`, without a cluster; with one it is tested in the laboratory.
@Suite struct StageVerbsTests {
    /// A folder with a configuration and this node's file of the stages.
    private struct Place {
        let scratch: ScratchDirectory
        var variables: [String: String] { ["CTDB_BASE": scratch.path] }

        init(_ changes: [(StageVerb, ClusterFunction, [UInt32])], damaged: Bool = false) throws {
            scratch = try ScratchDirectory()
            try scratch.write(
                Array("[database]\npersistent database directory = \(scratch.path)\n".utf8),
                to: "ctdb.conf")
            var table = StageTable.empty
            var log: StageLog? = .empty
            for (verb, function, nodes) in changes {
                _ = try table.apply(
                    StageChange(
                        verb, function, on: nodes.map { PNN(rawValue: $0) },
                        basis: .table(epoch: table.epoch), who: "admin", origin: PNN(rawValue: 0),
                        reason: "a test", time: 1_700_000_000_000), log: &log)
            }
            let file = try DatabaseFile(
                path: scratch.file("tablecloth_stages.tdb.1"), access: .creating(),
                options: .persistent)
            var writer = LegacyLayout.native.writer()
            RecordHeader(rsn: RSN(rawValue: 1), dmaster: PNN(rawValue: 0))
                .encode(into: &writer, layout: .native)
            let header = writer.finish()
            var bytes = try table.encoded()
            if damaged { bytes.removeLast() }
            try file.store(StageTable.key, header, bytes)
            if let log { try file.store(StageLog.key, header, try log.encoded()) }
            file.close()
        }
    }

    @Test func withoutCtdbdTheFileIsShown() throws {
        let place = try Place([(.prepare, .event, [0, 1]), (.switch, .event, [1])])
        let directory = "\(place.scratch.path)/none"
        let outcome = typed(
            "stage list --porcelain --run-directory \(directory)", variables: place.variables)
        let expected = """
            epoch\t2
            nodes\t0\tunknown\tshadow (the node is disconnected: not known)\tLLLL
            nodes\t1\tunknown\tnative (the daemon is not running: legacy)\tLLLL
            stages\tevent\t0\tshadow\t\tthe node is disconnected\t2023-11-14T22:13:20Z
            stages\tevent\t1\tnative\tlegacy\tthe daemon is not running\t2023-11-14T22:13:20Z

            """
        let others = "legacy\tlegacy\tlegacy\tlegacy"
        #expect(outcome.output.replacing(others, with: "LLLL") == expected)
        #expect(outcome.code == 0)
        let shown = typed("stage list --run-directory \(directory)", variables: place.variables)
        #expect(shown.output.hasSuffix("node knew last: No such file or directory\n"))
        let log = typed("stage log --porcelain", variables: place.variables)
        #expect(
            log.output.hasSuffix(
                "2\t2023-11-14T22:13:20Z\tswitch\tevent\t1\tshadow\tnative\tadmin\t0\ta test\n"))
        #expect(typed("stage log ip", variables: place.variables).output.hasPrefix("no changes"))
        let show = typed(
            "stage show event --json --run-directory \(directory)", variables: place.variables)
        #expect(show.output.contains("\"program\":\"ctdb-eventd\""))
    }

    @Test func withoutCtdbdNothingIsChanged() throws {
        let place = try Place([(.prepare, .event, [0, 1])])
        let outcome = typed("stage reverse event", variables: place.variables)
        #expect(outcome.code == 4)
        #expect(outcome.errors.contains("run it on a node whose ctdbd runs"))
    }

    @Test func aDamagedRecordIsTold() throws {
        let place = try Place([(.prepare, .event, [0, 1])], damaged: true)
        let outcome = typed("stage list", variables: place.variables)
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("the record cannot be read"))
        #expect(outcome.errors.contains("it is not overwritten"))
    }

    @Test func nodesAreChosenOneWay() throws {
        let place = try Place([])
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed(
            "stage prepare event --percent 10 --node 1", socket: daemon.path,
            variables: place.variables)
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("--node has no place with it"))
        #expect(typed("stage prepare nothing", variables: place.variables).code == 2)
        #expect(typed("stage prepare event --percent 0", variables: place.variables).code == 2)
    }

    @Test func aRefusalNamesNodeReasonAndRemedy() throws {
        let place = try Place([])
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let outcome = typed(
            "stage prepare event --node 0 --run-directory \(place.scratch.path)/none",
            socket: daemon.path, variables: place.variables)
        #expect(outcome.code == 1)
        #expect(
            outcome.errors == "ctdb: node 0: ctdb-eventd does not answer: the daemon is not "
                + "running (systemctl start ctdb-eventd)\n")
    }
}
