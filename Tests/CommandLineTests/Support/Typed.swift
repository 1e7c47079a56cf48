// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CommandLine

/// What came of a command line.
struct Outcome: Equatable {
    var output = ""
    var errors = ""
    var code: Int32 = 0
}

/// Collects what is written.
final class Collector {
    var output = ""
    var errors = ""
    var input: [[UInt8]] = []
    var looks = 0
}

/// Runs a command line of the new structure.
func typed(
    _ line: String, socket: String? = nil, input: [String] = [], bytes: [[UInt8]] = [],
    variables: [String: String] = [:], looks: Int = 0, isTerminal: Bool = false,
    damaged: [Int] = [], outputTrouble: String? = nil, release: String? = nil
) -> Outcome {
    let collector = Collector()
    collector.input = input.map { Array($0.utf8) } + bytes
    collector.looks = looks
    var variables = variables
    variables["CTDB_SOCKET"] = variables["CTDB_SOCKET"] ?? socket ?? "/nonexistent/socket"
    var surroundings = Surroundings(
        output: {
            guard outputTrouble == nil else { return false }
            collector.output += $0
            return true
        },
        error: { collector.errors += $0 },
        input: { collector.input.isEmpty ? [] : collector.input.removeFirst() },
        isOutputTerminal: isTerminal, variable: { variables[$0] },
        pause: { _ in
            collector.looks -= 1
            return collector.looks > 0
        })
    surroundings.outputTrouble = { outputTrouble }
    surroundings.releaseOfProcess = { _ in release }
    let words = line.split(separator: " ").map(String.init)
    let code = Entry.run(words, surroundings, damaged: damaged)
    return Outcome(output: collector.output, errors: collector.errors, code: code)
}
