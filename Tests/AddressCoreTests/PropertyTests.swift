// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressStates
import Testing
import Vocabulary

/// What is true of every allocation, in states made up from seeds; `ctdb-allocate` tries more.
@Suite struct PropertyTests {
    @Test(arguments: Algorithm.allCases)
    func everyAllocationIsSound(algorithm: Algorithm) throws {
        for seed in 0..<700 as Range<UInt64> {
            let violations = try Properties(RandomStates.small(seed), algorithm).violations()
            #expect(violations == [], "seed \(seed)")
        }
    }

    @Test func oursIsTheBestOfAll() throws {
        for seed in 0..<400 as Range<UInt64> {
            let violations = try Exhaustive.violations(RandomStates.tiny(seed))
            #expect(violations == [], "seed \(seed)")
        }
    }

    /// Ours is at least as even as the legacy algorithm that evens numbers, and where the two are
    /// equally even it moves no more.
    @Test func oursMovesNoMoreThanTheNonDeterministicOne() throws {
        var saved = 0
        for seed in 0..<700 as Range<UInt64> {
            let state = RandomStates.small(seed)
            let ours = try state.allocation(by: .fewestMoves)
            let legacy = try state.allocation(by: .nonDeterministic)
            guard !ours.isSkipped, !state.settings.noFailback else { continue }
            let sums = [ours, legacy].map { $0.counts.reduce(0) { $0 + $1.after * $1.after } }
            #expect(sums[0] <= sums[1], "seed \(seed)")
            if sums[0] == sums[1] {
                #expect(ours.moves.count <= legacy.moves.count, "seed \(seed)")
                saved += legacy.moves.count - ours.moves.count
            }
        }
        #expect(saved > 0)
    }

    @Test func lcp2TakesNoShortCutThatLeadsElsewhere() throws {
        for seed in 0..<300 as Range<UInt64> {
            let violations = try PlainLCP2.violations(RandomStates.small(seed))
            #expect(violations == [], "seed \(seed)")
        }
    }
}
