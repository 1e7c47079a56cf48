// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import Simulation

/// Runs simulated worlds in an optimised build: thousands of seeds in a minute.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-simulate",
        abstract: "Run simulated clusters from numbers, and check what must be true of them.",
        discussion: "A failing number is printed with the command that replays it.")

    @Option(help: "How many worlds, counted from number 0.")
    var seeds: UInt64 = 1_000

    @Option(help: "Every so many numbers only, for several processes side by side.")
    var step: UInt64 = 1

    @Option(help: "The first number.")
    var first: UInt64 = 0

    @Option(help: "One world, with everything that happens in it.")
    var seed: UInt64?

    @Flag(help: "Worlds in which functions move between ctdbd and new daemons.")
    var stages = false

    @Flag(help: "Worlds in which public addresses move between nodes with and without a daemon.")
    var addresses = false

    @Option(
        help: ArgumentHelp(
            "Break the addresses on purpose, to hear the alarm.",
            discussion: AddressWorld.Sabotage.allCases.map(\.rawValue).joined(separator: ", ")))
    var sabotage: String?

    func run() throws {
        if stages { return try runStages() }
        if addresses { return try runAddresses() }
        if let seed {
            let run = Seeds.small(seed, isTraced: true)
            for line in run.trace { print(line) }
            try report(failed: run.violation.map { [(seed, $0)] } ?? [], passed: 1)
            return
        }
        var failed: [(UInt64, Violation)] = []
        var passed = 0
        for number in stride(from: first, to: seeds, by: Int(clamping: step)) {
            if let violation = Seeds.small(number, isTraced: false).violation {
                failed.append((number, violation))
            } else {
                passed += 1
            }
            guard failed.count < 5 else { break }
        }
        try report(failed: failed, passed: passed)
    }

    private func runStages() throws {
        if let seed {
            let run = StageWorld.run(seed: seed, isTraced: true)
            for line in run.trace { print(line) }
            try report(failed: run.violation.map { [(seed, $0)] } ?? [], passed: 1)
            return
        }
        var failed: [(UInt64, Violation)] = []
        var tally = StageWorld.Tally()
        var passed = 0
        for number in stride(from: first, to: seeds, by: Int(clamping: step)) {
            let run = StageWorld.run(seed: number)
            tally.add(run.tally)
            if let violation = run.violation {
                failed.append((number, violation))
            } else {
                passed += 1
            }
            guard failed.count < 5 else { break }
        }
        print(
            """
            commands \(tally.commands), changes \(tally.changes), conflicts \(tally.conflicts), \
            reversals \(tally.reversals), takeovers \(tally.takeovers), faults \(tally.faults), \
            steps \(tally.steps)
            """)
        try report(failed: failed, passed: passed)
    }

    private func runAddresses() throws {
        let sabotage = sabotage.flatMap(AddressWorld.Sabotage.init(rawValue:))
        if let seed {
            let run = AddressWorld.run(seed: seed, sabotage: sabotage, isTraced: true)
            for line in run.trace { print(line) }
            try report(failed: run.violation.map { [(seed, $0)] } ?? [], passed: 1)
            return
        }
        var failed: [(UInt64, Violation)] = []
        var tally = AddressWorld.Tally()
        var passed = 0
        for number in stride(from: first, to: seeds, by: Int(clamping: step)) {
            let run = AddressWorld.run(seed: number, sabotage: sabotage)
            tally.add(run.tally)
            if let violation = run.violation {
                failed.append((number, violation))
            } else {
                passed += 1
            }
            guard failed.count < 5 else { break }
        }
        print(
            """
            acts \(tally.acts), runs \(tally.runs), failed \(tally.failedRuns), of ctdbd \
            \(tally.legacyRuns), moves \(tally.moves), answers \(tally.answers), stages \
            \(tally.changes), steps \(tally.steps)
            """)
        try report(failed: failed, passed: passed)
    }

    private func report(failed: [(UInt64, Violation)], passed: Int) throws {
        for (number, violation) in failed {
            print("seed \(number): \(violation)")
            let kind = stages ? "--stages " : addresses ? "--addresses " : ""
            print("replay: ctdb-simulate \(kind)--seed \(number)")
        }
        print("worlds: \(passed) passed, \(failed.count) failed")
        if !failed.isEmpty { throw ExitCode.failure }
    }
}
