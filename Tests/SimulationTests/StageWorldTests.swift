// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Simulation
import Testing

/// Clusters in which functions move between ctdbd and new daemons, each from a number.
///
/// `TABLECLOTH_SEEDS` says how many, `TABLECLOTH_SEED` which one; `make test` runs 10,000.
@Suite struct StageWorldTests {
    @Test func functionsHaveOneOwnerAndSoonAgain() {
        if let seed = Choice.only {
            let run = StageWorld.run(seed: seed, isTraced: true)
            for line in run.trace { print(line) }
            #expect(run.violation == nil, "seed \(seed): \(run.violation?.description ?? "")")
            return
        }
        var tally = StageWorld.Tally()
        for seed in 0..<Choice.count {
            let run = StageWorld.run(seed: seed)
            tally.add(run.tally)
            if let violation = run.violation {
                Issue.record(
                    "\(Choice.report(seed, violation, "functionsHaveOneOwnerAndSoonAgain"))")
                return
            }
        }
        #expect(tally.takeovers > 0 && tally.conflicts > 0 && tally.reversals > 0)
    }

    /// The alarm works: a world that is broken on purpose is found out.
    @Test(arguments: [
        (StageWorld.Sabotage.actsEarly, "two owners"), (.outstaysHoldOff, "two owners"),
        (.neverResumes, "nobody does"), (.ignoresEpochs, "was recorded at epoch"),
    ])
    func whatIsBrokenIsNoticed(sabotage: StageWorld.Sabotage, words: String) {
        let violations = (0..<60).compactMap { seed in
            StageWorld.run(seed: seed, sabotage: sabotage).violation?.description
        }
        #expect(violations.contains { $0.contains(words) }, "\(Set(violations))")
    }

    @Test func theSameNumberGivesTheSameWorld() {
        let runs = (0..<2).map { _ in StageWorld.run(seed: 77, isTraced: true) }
        #expect(runs[0].trace == runs[1].trace)
        #expect(runs[0].trace.count > 10)
    }
}
