// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import StageCore
import Testing
import Vocabulary
import XDR

/// The records, and how they change.
@Suite struct StageTableTests {
    static func sample() throws -> (table: StageTable, log: StageLog) {
        var table = StageTable.empty
        var log: StageLog? = .empty
        _ = try table.apply(change(.prepare, .event, [0, 1, 2], epoch: 0), log: &log)
        _ = try table.apply(change(.switch, .event, [1], epoch: 1), log: &log)
        return (table, try #require(log))
    }

    @Test func recordsComeBackAsTheyWere() throws {
        let (table, log) = try Self.sample()
        #expect(try StageTable.read(try table.encoded()) == table)
        #expect(try StageLog.read(try log.encoded()) == log)
        #expect(try StageTable.read(nil) == .empty)
        #expect(try StageLog.read(nil) == .empty)
    }

    @Test func noBytesTrapAndNoHalfIsBelieved() throws {
        let (table, log) = try Self.sample()
        for bytes in [try table.encoded(), try log.encoded()] {
            for count in 0..<bytes.count {
                let part = Array(bytes[..<count])
                #expect(throws: StageRecordError.self) { try StageTable.read(part) }
                #expect(throws: StageRecordError.self) { try StageLog.read(part) }
            }
            for place in bytes.indices {
                for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                    var damaged = bytes
                    damaged[place] = value
                    _ = try? StageTable.read(damaged)
                    _ = try? StageLog.read(damaged)
                }
            }
        }
    }

    @Test func whatLaterVersionsAddIsKept() throws {
        var (table, _) = try Self.sample()
        table.version = 7
        table.later = [1, 2, 3, 4]
        table.entries[0].later = [5]
        table.entries.append(
            StageEntry(
                function: .unknown(99), node: node(2), stage: .unknown(7), epoch: 2, since: 1,
                verified: 0, verifiedSoftware: "", reversal: "", later: [9]))
        var read = try StageTable.read(try table.encoded())
        #expect(read == table)
        var log: StageLog?
        _ = try read.apply(change(.cancel, .event, [2], epoch: 2), log: &log)
        let again = try StageTable.read(try read.encoded())
        #expect(again.version == 7)
        #expect(again.later == [1, 2, 3, 4])
        #expect(again.entries.first?.later == [5])
        #expect(again.entries.last?.stage == .unknown(7))
        #expect(again.entries.last?.later == [9])
    }

    @Test func aRecordForOthersIsNotUsed() throws {
        var (table, _) = try Self.sample()
        table.minimumVersion = 2
        let newer = try table.encoded()
        #expect(throws: StageRecordError.tooNew(minimumVersion: 2)) {
            try StageTable.read(newer)
        }
        table.magic = 1
        let foreign = try table.encoded()
        #expect(throws: StageRecordError.wrongMagic(1)) { try StageTable.read(foreign) }
    }

    @Test func twoAdministratorsDoNotRace() throws {
        var (table, _) = try Self.sample()
        var log: StageLog?
        let mine = change(.cancel, .event, [0], epoch: 2)
        let theirs = change(.cancel, .event, [2], epoch: 2)
        _ = try table.apply(mine, log: &log)
        let before = table
        #expect(throws: StageConflict.changedMeanwhile(expected: 2, found: 3)) {
            try table.apply(theirs, log: &log)
        }
        #expect(table == before)
    }

    @Test func aDaemonMindsOnlyItsOwnEntry() throws {
        var (table, _) = try Self.sample()
        var log: StageLog?
        var own = change(.reverse, .event, [1], epoch: 0)
        own.basis = .entry(epoch: 2)
        own.isAutomatic = true
        _ = try table.apply(change(.cancel, .event, [0], epoch: 2), log: &log)
        _ = try table.apply(own, log: &log)
        #expect(table.stage(of: .event, on: node(1)) == .shadow)
        #expect(table.entry(.event, on: node(1))?.reversal == "because")
        // What was switched again is not reversed by what was decided before.
        _ = try table.apply(change(.switch, .event, [1], epoch: 4), log: &log)
        #expect(throws: StageConflict.changedMeanwhile(expected: 2, found: 5)) {
            try table.apply(own, log: &log)
        }
    }

    @Test func aVerificationIsOfOneStage() throws {
        var (table, _) = try Self.sample()
        var log: StageLog?
        var verify = change(.verify, .event, [0], epoch: 2, time: 5000)
        verify.verifiedSoftware = [node(0): "daemon 1"]
        _ = try table.apply(verify, log: &log)
        #expect(table.entry(.event, on: node(0))?.verified == 5000)
        #expect(table.entry(.event, on: node(0))?.epoch == 1)
        #expect(table.epoch == 3)
        _ = try table.apply(change(.switch, .event, [0], epoch: 3), log: &log)
        #expect(table.entry(.event, on: node(0))?.verified == 0)
    }

    @Test func theLogIsBounded() throws {
        var table = StageTable.empty
        var log: StageLog? = .empty
        for round in 0..<UInt64(PeerProtocol.stageLogLimit) {
            let verb: StageVerb = round % 2 == 0 ? .prepare : .cancel
            _ = try table.apply(change(verb, .ip, [4], epoch: round), log: &log)
        }
        _ = try table.apply(change(.prepare, .event, [4], epoch: table.epoch), log: &log)
        let entries = try #require(log).entries
        #expect(entries.count == Int(PeerProtocol.stageLogLimit))
        #expect(entries.first?.epoch == 2)
        #expect(entries.last?.function == .event)
        #expect(try StageLog.read(try #require(log).encoded()).entries == entries)
    }

    @Test func nodesThatGoTheSameWayShareALine() throws {
        let (_, log) = try Self.sample()
        #expect(log.entries.map { $0.nodes.map(\.rawValue) } == [[0, 1, 2], [1]])
        #expect(log.entries.map(\.to) == [.shadow, .native])
        #expect(log.entries.map(\.who) == ["admin", "admin"])
    }

    @Test func whatNeedsAFunctionGoesBackWithIt() throws {
        var table = try StageTable.after([
            (.prepare, .event, [0, 1]), (.switch, .event, [0, 1]),
            (.prepare, .service, [0, 1]), (.switch, .service, [0, 1]),
            (.prepare, .ip, [0]), (.switch, .ip, [0]), (.complete, .ip, [0]),
        ])
        var log: StageLog? = .empty
        let moves = try table.apply(
            change(.reverse, .event, [0], epoch: table.epoch), log: &log)
        #expect(moves.map(\.function) == [.event, .ip, .service])
        #expect(table.stage(of: .service, on: node(0)) == .shadow)
        #expect(table.stage(of: .ip, on: node(0)) == .native)
        #expect(table.stage(of: .service, on: node(1)) == .native)
        #expect(
            log?.entries.map(\.reason) == [
                "because", "it depends on event", "it depends on event",
            ])
    }

    @Test func textsAreCutAtCharacters() {
        #expect(StageText.clipped("äöü", to: 5) == "äö")
        #expect(StageText.clipped("abc", to: 3) == "abc")
    }

    @Test(arguments: StageVerb.allCases) func verbsLeadOneStepOrNowhere(verb: StageVerb) {
        for stage in Stage.all {
            guard let target = verb.target(from: stage) else { continue }
            #expect(target == stage || stage.step(towards: target) == target)
        }
        #expect(verb.target(from: .unknown(7)) == nil)
    }
}
