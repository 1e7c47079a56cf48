// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressStates
import Foundation
import Testing
import Vocabulary

/// The legacy algorithms against the results of ctdbd's own code.
@Suite struct ScenarioTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Scenarios")

    @Test func everyScenarioEndsAsInSamba() throws {
        let text = try String(
            contentsOf: Self.folder.appendingPathComponent("ctdb-4.17.12.txt"), encoding: .utf8)
        let scenarios = try Scenario.all(in: text)
        #expect(scenarios.count == 63)
        for (number, scenario) in scenarios.enumerated() {
            let outcome = try scenario.outcome()
            #expect(outcome.answer == scenario.answer, "scenario \(number): \(scenario.question)")
        }
    }

    @Test func aScenarioIsTheSameAsText() throws {
        for seed in 0..<50 as Range<UInt64> {
            let scenario = try Scenario(RandomStates.small(seed), .lcp2).outcome()
            let read = try Scenario.all(in: scenario.question + scenario.answer)
            #expect(read == [scenario])
        }
    }

    @Test(arguments: ["nodes x", "known 0 10.0.0.1 -", "expect 10.0.0.1", "fold 1"])
    func anUnreadableScenarioIsAnError(text: String) {
        #expect(throws: Scenario.Unreadable.self) { try Scenario.all(in: text) }
    }
}
