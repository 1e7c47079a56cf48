// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Replay
import Testing
import Vocabulary

@Suite struct ReplayComparisonTests {
    private func script() throws -> ReplayScript {
        var scene = Scene()
        try scene.ask(1, 1, .getTunable(name: "A"))
        try scene.answer(1, 1, .tunable(15))
        try scene.ask(1, 2, .ping)
        try scene.answer(1, 2, .clientCount(4))
        return scene.script
    }

    private func play(_ script: ReplayScript, _ replies: [ControlReply]) throws -> ReplayResult {
        var theatre = Theatre(script)
        try theatre.happen(.started)
        for (place, reply) in replies.enumerated() { try theatre.answer(place, reply) }
        while !theatre.isFinished, try theatre.rest() != nil {}
        return theatre.machine.result
    }

    @Test func theSameIsTheSame() throws {
        let script = try script()
        let result = try play(script, [.tunable(15), .clientCount(4)])
        let comparison = ReplayComparison(script, result)
        #expect(comparison.comparedCount == 2)
        #expect(comparison.isSame)
        // Only what differs everywhere.
        #expect(comparison.differences.allSatisfy { $0.tolerance != nil && !$0.isToleratedHere })
    }

    @Test func aWrongFieldIsFoundByItsName() throws {
        let script = try script()
        let result = try play(script, [.tunable(16), .clientCount(4)])
        let comparison = ReplayComparison(script, result)
        #expect(comparison.unexpected.map(\.path) == ["data.tunable"])
        #expect(comparison.unexpected.first?.first == .number(15))
        #expect(comparison.unexpected.first?.second == .number(16))
        #expect(comparison.differingQuestions == [0])
        #expect(!comparison.isSame)
    }

    @Test func someFieldsMayDiffer() throws {
        let script = try script()
        let result = try play(script, [.tunable(15), .clientCount(9)])
        let comparison = ReplayComparison(script, result)
        #expect(comparison.isSame)
        let tolerated = comparison.differences.filter(\.isToleratedHere)
        #expect(!tolerated.isEmpty)
        #expect(tolerated.allSatisfy { $0.tolerance == "is the number of ctdbd's clients" })
    }

    @Test func whatIsMissingIsNotTheSame() throws {
        let script = try script()
        let result = try play(script, [.tunable(15)])
        let comparison = ReplayComparison(script, result)
        #expect(comparison.missing == [2: "no answer in time"])
        #expect(!comparison.isSame)
    }

    @Test func aFailureIsNotASuccess() throws {
        let script = try script()
        let result = try play(
            script, [.failed(status: -1, reason: "no"), .failed(status: -1, reason: "")])
        let paths = ReplayComparison(script, result).unexpected.map(\.path)
        #expect(paths.contains("status"))
        #expect(paths.contains("error"))
    }

    @Test func placesInListsAreOnePattern() {
        let difference = ReplayDifference(
            question: 0, path: "data.list[12].name[3]", first: nil, second: nil)
        #expect(difference.pattern == "data.list[].name[]")
    }

    @Test func whatDiffersBetweenPlaysIsNoise() throws {
        let script = try script()
        let first = try play(script, [.tunable(16), .clientCount(4)])
        let second = try play(script, [.tunable(17), .clientCount(4)])
        let noisy = NoiseFloor(script, first, second)
        #expect(noisy.noisyQuestions == [0])
        #expect(noisy.beyond.isEmpty)
        #expect(noisy.isWithin)
        let again = NoiseFloor(script, first, first)
        #expect(again.noisyQuestions.isEmpty)
        #expect(again.beyond.map(\.path) == ["data.tunable"])
        #expect(!again.isWithin)
        let once = NoiseFloor(script, first, try play(script, [.tunable(15), .clientCount(4)]))
        #expect(once.isWithin)
    }

    @Test func aMessageThatDoesNotArriveIsADifference() throws {
        let own = SrvID(rawValue: 0xAE00_0000_0000_0001)
        var scene = Scene()
        try scene.message(1, isSent: true, own, [1])
        try scene.message(2, isSent: false, own, [1])
        var theatre = Theatre(scene.script)
        try theatre.happen(.started)
        while !theatre.isFinished, try theatre.rest() != nil {}
        let comparison = ReplayComparison(scene.script, theatre.machine.result)
        #expect(comparison.unexpected.map(\.path) == ["message"])
        #expect(comparison.unexpected.first?.question == 0)
    }

    @Test func everyToleratedFieldHasAReason() {
        for field in ToleratedField.list {
            #expect(!field.reason.isEmpty && !field.path.isEmpty)
        }
    }
}
