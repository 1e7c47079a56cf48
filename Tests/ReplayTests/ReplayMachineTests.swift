// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Replay
import Testing
import Vocabulary

@Suite struct ReplayMachineTests {
    private let own = SrvID(rawValue: 0xAE00_0000_0000_0001)

    /// Two clients: the first waits long for an answer, while the second asks twice.
    private func overlapping() throws -> ReplayScript {
        var scene = Scene()
        try scene.ask(1, 1, .getRunState)
        scene.time = 10
        try scene.ask(2, 1, .ping)
        scene.time = 20
        try scene.answer(2, 1, .clientCount(1))
        scene.time = 100
        try scene.ask(2, 2, .getPID)
        try scene.answer(2, 2, .pid(5))
        scene.time = 200
        try scene.answer(1, 1, .runState(.running))
        scene.time = 300
        try scene.ask(1, 2, .getDebug)
        try scene.answer(1, 2, .logLevel(2))
        return scene.script
    }

    @Test func whatWasOutstandingAtOnceIsSoAgain() throws {
        var theatre = Theatre(try overlapping())
        try theatre.happen(.started)
        #expect(
            theatre.log == ["connect 0", "send 0 getRunState", "connect 1", "send 1 ping"])
        // The second client goes on while the first one waits.
        try theatre.answer(1, .clientCount(1))
        #expect(theatre.log.suffix(1) == ["send 1 getPID"])
        try theatre.answer(2, .pid(5))
        #expect(theatre.log.suffix(1) == ["close 1"])
        // And the first one waits for its answer.
        try theatre.answer(0, .runState(.running))
        #expect(theatre.log.suffix(1) == ["send 0 getDebug"])
        try theatre.answer(3, .logLevel(2))
        #expect(theatre.log.suffix(2) == ["close 0", "finished"])
        #expect(theatre.machine.result.answers.count == 4)
        #expect(theatre.machine.result.missing.isEmpty)
    }

    @Test func withOneOrderNothingOvertakesAnAnswer() throws {
        var theatre = Theatre(try overlapping())
        try theatre.happen(.started)
        // This answer came last in the capture; it holds up nothing before.
        try theatre.answer(0, .runState(.running))
        #expect(theatre.log.last == "send 1 ping")
        try theatre.answer(1, .clientCount(1))
        #expect(theatre.log.last == "send 1 getPID")
    }

    @Test func withAnOrderForEachClientOthersAreNotWaitedFor() throws {
        var theatre = Theatre(try overlapping()) { $0.order = .client }
        try theatre.happen(.started)
        #expect(theatre.sent.count == 2)
        try theatre.answer(0, .runState(.running))
        #expect(theatre.log.last == "send 0 getDebug")
    }

    @Test(arguments: [(1.0, 10, 90), (10.0, 1, 9), (0.5, 20, 180)])
    func theTimesAreThoseOfTheCapture(factor: Double, first: UInt64, second: UInt64) throws {
        var theatre = Theatre(try overlapping()) { $0.pace = .times(factor) }
        try theatre.happen(.started)
        #expect(theatre.sent.count == 1)
        #expect(try theatre.rest() == first)
        #expect(theatre.log.last == "send 1 ping")
        try theatre.answer(1, .clientCount(1))
        #expect(theatre.sent.count == 2)
        #expect(try theatre.rest() == second)
        #expect(theatre.log.last == "send 1 getPID")
    }

    @Test func eachQuestionHasAnIDOfItsOwn() throws {
        var scene = Scene()
        for _ in 0..<5 { try scene.ask(1, 1, .ping, flags: .noReply) }
        var theatre = Theatre(scene.script)
        try theatre.happen(.started)
        #expect(Set(theatre.sent.map(\.packet.reqid)).count == 5)
        #expect(theatre.isFinished)
    }

    @Test func anAnswerThatDoesNotComeIsGivenUp() throws {
        var theatre = Theatre(try overlapping()) { $0.patienceMilliseconds = 500 }
        try theatre.happen(.started)
        // It took 10 ms in the capture.
        #expect(try theatre.rest() == 510)
        #expect(theatre.machine.result.missing[1] == "no answer in time")
        #expect(theatre.log.last == "send 1 getPID")
        // It is too late then.
        try theatre.answer(1, .clientCount(1))
        #expect(theatre.machine.result.answers[1] == nil)
        #expect(theatre.machine.result.unasked == 1)
    }

    @Test func aConnectionThatEndsTakesItsClientsQuestionsAlong() throws {
        var theatre = Theatre(try overlapping())
        try theatre.happen(.started)
        try theatre.happen(.closed(1, reason: "gone"))
        #expect(theatre.machine.result.missing == [1: "gone", 3: "gone"])
        // The other client goes on.
        try theatre.answer(0, .runState(.running))
        #expect(theatre.log.last == "send 0 getDebug")
        try theatre.answer(2, .logLevel(2))
        #expect(theatre.isFinished)
    }

    @Test func whatIsLeftOutIsNotWaitedFor() throws {
        let script = try overlapping()
        var theatre = Theatre(script, skipping: [0])
        try theatre.happen(.started)
        try theatre.answer(0, .clientCount(1))
        try theatre.answer(1, .pid(5))
        try theatre.answer(2, .logLevel(2))
        #expect(theatre.isFinished)
        #expect(theatre.sent.count == 3)
        #expect(theatre.machine.result.skipped == [0, 5])
    }

    @Test func aMessageOfAnotherClientIsWaitedFor() throws {
        var scene = Scene()
        try scene.ask(2, 1, .registerSrvID(own))
        try scene.answer(2, 1, .done(status: 0))
        try scene.message(1, isSent: true, own, [1])
        try scene.message(2, isSent: false, own, [1])
        try scene.ask(2, 2, .ping)
        try scene.answer(2, 2, .clientCount(2))
        var theatre = Theatre(scene.script) { $0.messagePatienceMilliseconds = 700 }
        try theatre.happen(.started)
        try theatre.answer(0, .done(status: 0))
        #expect(theatre.log.suffix(2) == ["send 1 message 0xAE00000000000001", "close 1"])
        // A message that nobody expects changes nothing.
        try theatre.message(0, .reconfigure, [])
        #expect(theatre.sent.count == 2)
        var early = theatre
        try early.message(0, own, [1])
        #expect(early.log.last == "send 0 ping")
        #expect(early.machine.result.messages.keys.sorted() == [3])
        #expect(early.machine.result.otherMessages == [.reconfigure: 1])
        // Or it does not come.
        #expect(try theatre.rest() == 700)
        #expect(theatre.log.last == "send 0 ping")
        #expect(theatre.machine.result.messages.isEmpty)
    }

    @Test func whatCameBeforeALaterMessageComesNoMore() throws {
        var scene = Scene()
        let start = TraverseStartExtended(
            database: DatabaseID(rawValue: 7), reqid: Reqid(rawValue: 1), srvid: own,
            withEmptyRecords: false)
        try scene.ask(1, 1, .traverseStartExtended(start))
        try scene.answer(1, 1, .done(status: 0))
        for value: UInt8 in 1...3 { try scene.message(1, isSent: false, own, [value]) }
        try scene.ask(1, 2, .ping)
        var theatre = Theatre(scene.script)
        try theatre.happen(.started)
        try theatre.answer(0, .done(status: 0))
        try theatre.message(0, own, [3])
        #expect(theatre.log.suffix(3) == ["send 0 ping", "close 0", "finished"])
    }

    @Test func bytesThatAreNoPacketAreCounted() throws {
        var theatre = Theatre(try overlapping())
        try theatre.happen(.started)
        try theatre.happen(.received(0, [1, 2, 3]))
        #expect(theatre.machine.result.unreadable == 1)
    }
}
