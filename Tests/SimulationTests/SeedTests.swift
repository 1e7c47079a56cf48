// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Simulation
import Testing

/// Many small worlds, each from a number.
///
/// `TABLECLOTH_SEEDS` says how many, `TABLECLOTH_SEED` which one.
@Suite struct SeedTests {
    static let shareCount = 8

    @Test(arguments: 0..<shareCount) func smallWorldsKeepTheirPromises(share: Int) {
        if let seed = Choice.only {
            guard share == 0 else { return }
            let run = Seeds.small(seed, isTraced: true)
            for line in run.trace { print(line) }
            #expect(run.violation == nil, "seed \(seed): \(run.violation?.description ?? "")")
            return
        }
        var tally = Tally()
        var seed = UInt64(share)
        while seed < Choice.count {
            let run = Seeds.small(seed, isTraced: false)
            tally.add(run.tally)
            if let violation = run.violation {
                Issue.record("\(Choice.report(seed, violation, "smallWorldsKeepTheirPromises"))")
                return
            }
            seed += UInt64(Self.shareCount)
        }
        #expect(tally.delivered > 0 && tally.answered > 0 && tally.streams > 0)
    }

    @Test(arguments: [16, 64]) func largeWorldsKeepTheirPromises(nodeCount: Int) {
        let run = Seeds.large(nodeCount)
        #expect(run.violation == nil, "\(nodeCount) nodes: \(run.violation?.description ?? "")")
    }
}

/// Which seeds are tried.
enum Choice {
    static let only = Environment.number("TABLECLOTH_SEED")
    static let count = Environment.number("TABLECLOTH_SEEDS") ?? 100

    static func report(_ seed: UInt64, _ violation: Violation, _ test: String) -> String {
        """
        seed \(seed): \(violation)
        replay: TABLECLOTH_SEED=\(seed) swift test --filter SimulationTests.SeedTests/\(test)
        """
    }
}
