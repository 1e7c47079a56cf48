// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CHostileBytes
import HostileBytes

extension Meter {
    /// Counts what the C library hands out.
    static let counting = Meter(
        start: { hostile_count_start() }, mostByteCount: { Int(hostile_count_most()) })
}

/// All mutations of a reader's good inputs.
struct Corpus {
    /// An input that takes longer than this for each of its bytes, and 20 ms besides, is not read
    /// in linear time; the readers need some nanoseconds.
    private static let nanosecondsPerByte: Int64 = 20_000
    private static let nanosecondsBesides: Int64 = 20_000_000

    private let parser: Parser
    private var inputs = 0
    private var values = 0
    private var most = 0
    private var complaints = 0

    init(_ parser: Parser) { self.parser = parser }

    /// Runs all of them and prints what came of it.
    ///
    /// - Returns: whether nothing was wrong.
    consuming func run(_ seeds: [[UInt8]]) -> Bool {
        for seed in seeds {
            Mutation.forEach(of: seed) { input in take(input) }
            guard complaints < 5 else { break }
        }
        if values == 0 { complain("no input was read", []) }
        print(
            "\(parser.name): \(seeds.count) seeds, \(inputs) inputs, \(values) values, "
                + "at most \(most) bytes in use, \(complaints) complaints")
        return complaints == 0
    }

    /// Reads inputs as they are, and prints what came of it.
    ///
    /// - Returns: whether nothing was wrong.
    consuming func read(_ inputs: [[UInt8]]) -> Bool {
        for input in inputs { take(input[...]) }
        if !inputs.isEmpty {
            print("\(parser.name): \(inputs.count) found before, \(complaints) complaints")
        }
        return complaints == 0
    }

    private mutating func take(_ input: ArraySlice<UInt8>) {
        let start = hostile_cpu_nanoseconds()
        let finding = parser.examine(input, .counting)
        let time = hostile_cpu_nanoseconds() - start
        inputs += 1
        if finding.isValue { values += 1 }
        most = max(most, finding.byteCount)
        if let complaint = finding.complaint { complain(complaint, input) }
        let limit = Self.nanosecondsBesides + Int64(input.count) * Self.nanosecondsPerByte
        if time > limit { complain("took \(time) ns", input) }
    }

    private mutating func complain(_ complaint: String, _ input: ArraySlice<UInt8>) {
        complaints += 1
        guard complaints <= 5 else { return }
        let digits = input.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        print("\(parser.name): \(complaint): \(digits.joined())")
    }
}
