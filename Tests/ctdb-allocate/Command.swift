// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressStates
import ArgumentParser

/// Deals out addresses in an optimised build: thousands of states in seconds, and large ones.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-allocate",
        abstract: "Deal out addresses in states made up from numbers, and check the results.")

    @Option(help: "How many states, counted from number 0.")
    var seeds: UInt64 = 10_000

    @Option(help: "The first number.")
    var first: UInt64 = 0

    @Flag(help: "Print the states and what becomes of them as scenarios; check nothing.")
    var scenarios = false

    @Option(help: "Print them with so many nodes.")
    var nodes: Int?

    @Option(help: "Print them with so many addresses.")
    var addresses: Int?

    @Flag(help: "Measure large clusters instead.")
    var measure = false

    func run() throws {
        if measure {
            try Measurement.run()
        } else if scenarios {
            try print()
        } else {
            try check()
        }
    }

    private func print() throws {
        for seed in first..<first + seeds {
            var state = RandomStates.small(seed)
            if nodes != nil || addresses != nil {
                var numbers = SeededNumbers(seed: seed)
                state = RandomStates.state(
                    nodes: nodes ?? 3, addresses: addresses ?? 10, &numbers)
            }
            for algorithm in Algorithm.allCases where algorithm != .fewestMoves {
                let scenario = Scenario(state.asked, algorithm)
                Swift.print(scenario.question + (try scenario.outcome()).answer, terminator: "")
            }
        }
    }

    private func check() throws {
        var failed = 0
        for seed in first..<first + seeds where failed < 5 {
            let state = RandomStates.small(seed)
            for algorithm in Algorithm.allCases {
                for violation in try Properties(state, algorithm).violations() {
                    failed += 1
                    Swift.print("seed \(seed), \(algorithm.rawValue): \(violation)")
                }
            }
            for violation in try PlainLCP2.violations(state) {
                failed += 1
                Swift.print("seed \(seed): \(violation)")
            }
            for violation in try Exhaustive.violations(RandomStates.tiny(seed)) {
                failed += 1
                Swift.print("tiny seed \(seed): \(violation)")
            }
        }
        for violation in try PlainLCP2.violations(PlainLCP2.outgrown) {
            failed += 1
            Swift.print("outgrown: \(violation)")
        }
        guard failed == 0 else { throw ExitCode(1) }
        Swift.print("\(seeds) states, each by \(Algorithm.allCases.count) algorithms: all well")
    }
}
