// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Simulation
import Testing

/// Clusters whose public addresses move, with and without address daemons, each from a number.
///
/// `TABLECLOTH_SEEDS` says how many, `TABLECLOTH_SEED` which one; `make test` runs 1,500.
@Suite struct AddressWorldTests {
    @Test func addressesAreOnOneNodeThatCanHostThem() {
        if let seed = Choice.only {
            let run = AddressWorld.run(seed: seed, isTraced: true)
            for line in run.trace { print(line) }
            #expect(run.violation == nil, "seed \(seed): \(run.violation?.description ?? "")")
            return
        }
        var tally = AddressWorld.Tally()
        for seed in 0..<Choice.count {
            let run = AddressWorld.run(seed: seed)
            tally.add(run.tally)
            if let violation = run.violation {
                Issue.record(
                    "\(Choice.report(seed, violation, "addressesAreOnOneNodeThatCanHostThem"))")
                return
            }
        }
        #expect(tally.moves > 0 && tally.legacyRuns > 0 && tally.answers > 0)
    }

    /// The alarm works: a world that is broken on purpose is found out, in one of these numbers.
    @Test(arguments: [
        (AddressWorld.Sabotage.takesEarly, 80..<300, "at once"),
        (.ignoresTerms, 0..<100, "obeys term"), (.noHoldOff, 145..<500, "at once"),
        (.movesSilent, 40..<200, "at once"),
    ])
    func whatIsBrokenIsNoticed(
        sabotage: AddressWorld.Sabotage, seeds: Range<UInt64>, words: String
    ) {
        let isNoticed = seeds.contains { seed in
            let violation = AddressWorld.run(seed: seed, sabotage: sabotage).violation
            return violation?.description.contains(words) ?? false
        }
        #expect(isNoticed)
    }

    @Test func theSameNumberGivesTheSameWorld() {
        let runs = (0..<2).map { _ in AddressWorld.run(seed: 77, isTraced: true) }
        #expect(runs[0].trace == runs[1].trace)
        #expect(runs[0].trace.count > 10)
    }
}
