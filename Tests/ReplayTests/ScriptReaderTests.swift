// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Replay
import Testing
import Vocabulary

@Suite struct ScriptReaderTests {
    private let own = SrvID(rawValue: 0xAE00_0000_0000_0001)

    @Test func answersBelongToQuestionsOfTheirOwnClient() throws {
        var scene = Scene()
        try scene.ask(1, 5, .ping)
        try scene.ask(2, 5, .getPID)
        try scene.answer(2, 5, .pid(9))
        try scene.answer(1, 5, .clientCount(3))
        #expect(
            scene.script.steps.map(\.action) == [
                .send(answer: 3), .send(answer: 2), .answer(to: 1), .answer(to: 0),
            ])
        #expect(scene.script.steps.map(\.client) == [0, 1, 1, 0])
        #expect(scene.script.sendCount == 2)
        #expect(scene.script.answerCount == 2)
    }

    @Test func anAnswerWithoutAQuestionIsCountedAndLeftOut() throws {
        var scene = Scene()
        try scene.answer(1, 5, .clientCount(3))
        try scene.ask(1, 6, .ping, flags: .noReply)
        try scene.answer(1, 6, .clientCount(3))
        #expect(scene.script.steps.map(\.action) == [.send(answer: nil)])
        #expect(scene.script.counts.orphans == 2)
    }

    @Test func aPortMayStandForAnotherClientLater() throws {
        var scene = Scene()
        let first = ClientNote(number: 1, pid: 10, name: "one")
        let second = ClientNote(number: 60_001, pid: 20, name: "other")
        try scene.ask(2, 1, .ping, comments: [first.text])
        try scene.answer(2, 1, .clientCount(1))
        try scene.ask(2, 1, .ping, comments: ["something else", second.text])
        #expect(scene.script.clients.map(\.note) == [first, second])
        #expect(scene.script.steps.map(\.client) == [0, 0, 1])
    }

    @Test func messagesHaveTheirCauseWhereAClientIsOne() throws {
        var scene = Scene()
        try scene.message(1, isSent: true, own, [1, 2])
        try scene.message(2, isSent: false, own, [1, 2])
        try scene.message(2, isSent: false, own, [3])
        try scene.message(2, isSent: false, .reconfigure, [])
        #expect(
            scene.script.steps.map(\.action) == [
                .send(answer: nil), .message(cause: 0), .message(cause: nil), .message(cause: nil),
            ])
    }

    @Test func whatATraversalFindsIsCausedByIt() throws {
        var scene = Scene()
        let start = TraverseStartExtended(
            database: DatabaseID(rawValue: 7), reqid: Reqid(rawValue: 1), srvid: own,
            withEmptyRecords: false)
        try scene.ask(1, 1, .traverseStartExtended(start))
        try scene.answer(1, 1, .done(status: 0))
        try scene.message(1, isSent: false, own, [0])
        #expect(scene.script.steps.last?.action == .message(cause: 0))
    }

    @Test func itLearnsNamesNodesAndInstances() throws {
        var scene = Scene()
        let id = DatabaseID(rawValue: 0x1234)
        try scene.ask(1, 1, .getPNN)
        try scene.answer(1, 1, .pnn(PNN(rawValue: 2)))
        try scene.ask(1, 2, .attachDatabase(name: "a.tdb", .persistent))
        try scene.answer(1, 2, .databaseID(id))
        try scene.ask(1, 3, .getDatabaseName(DatabaseID(rawValue: 9)))
        try scene.answer(1, 3, .databaseName("b.tdb"))
        #expect(scene.script.ownNode == PNN(rawValue: 2))
        #expect(scene.script.databases[id] == .init(name: "a.tdb", kind: .persistent))
        #expect(
            scene.script.databases[DatabaseID(rawValue: 9)] == .init(name: "b.tdb", kind: nil))
        #expect(scene.script.generations == [Scene.generation.rawValue])
        #expect(scene.script.usedDatabases == [DatabaseID(rawValue: 9)])
    }

    @Test func packetsOfOtherSourcesArePassedOver() throws {
        var reader = ScriptReader()
        let one = Scene.endpoint(1)
        for (source, destination, isRelayed) in [
            (one, Scene.endpoint(4379), false), (one, one, true),
            (Scene.endpoint(4379), Scene.endpoint(4379), true),
        ] {
            reader.take(
                Sighting(
                    number: 1, time: nil, source: source, destination: destination,
                    content: .gap(missingByteCount: 1, unusedByteCount: 0)), isRelayed: isRelayed)
        }
        #expect(reader.script.counts.others == 3)
        #expect(reader.script.steps.isEmpty)
    }

    @Test func timeDoesNotGoBack() throws {
        var scene = Scene()
        scene.time = 10
        try scene.ask(1, 1, .ping)
        scene.time = 25
        try scene.ask(1, 2, .ping)
        scene.time = 5
        try scene.ask(1, 3, .ping)
        #expect(scene.script.steps.map(\.offset) == [0, 15_000_000, 15_000_000])
        #expect(scene.script.duration == 15_000_000)
    }
}
