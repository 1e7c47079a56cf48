// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Something that reads bytes from outside, with what must be true of it whatever the bytes are.
///
/// It does not trap; it allocates no more than its allowance; what it reads is written so that the
/// same is read again; and it takes a time that is linear in the input. The first and the last are
/// seen by whoever runs it.
public struct Parser: Sendable {
    /// How much memory may be in use more than before: so many bytes for each byte of input, and
    /// so many besides.
    public struct Allowance: Sendable {
        /// For each byte of input.
        public var perByte = 2
        /// Besides.
        public var constant = 16_384

        /// Makes an allowance.
        public init(perByte: Int = 2, constant: Int = 16_384) {
            self.perByte = perByte
            self.constant = constant
        }
    }

    /// What a reader made of an input.
    public struct Finding: Sendable {
        /// Whether it was a value, not an error.
        public var isValue = false
        /// The most memory that was in use while it was read, in bytes.
        public var byteCount = 0
        /// What was wrong; nil when all was well.
        public var complaint: String?

        /// Nothing has been found.
        public init() {}
    }

    /// The name, as it is given on the command line.
    public let name: String
    /// Reads an input and says what came of it.
    public let examine: @Sendable (ArraySlice<UInt8>, Meter) -> Finding
    /// Good inputs, made of fixtures.
    public let seeds: @Sendable ([Fixture]) -> [[UInt8]]

    /// Describes a reader.
    ///
    /// - Parameters:
    ///   - name: the name, as it is given on the command line.
    ///   - allowance: what it may allocate.
    ///   - seeds: good inputs, made of fixtures.
    ///   - decode: reads an input.
    ///   - check: says what is wrong with a value; nil when nothing is.
    public init<Value>(
        _ name: String, allowance: Allowance = Allowance(),
        seeds: @escaping @Sendable ([Fixture]) -> [[UInt8]],
        decode: @escaping @Sendable (ArraySlice<UInt8>) throws -> Value?,
        check: @escaping @Sendable (Value, ArraySlice<UInt8>) throws -> String? = { _, _ in nil }
    ) {
        self.init(
            name: name,
            examine: { input, meter in
                var finding = Finding()
                meter.start()
                do {
                    guard let value = try decode(input) else { return finding }
                    finding.byteCount = meter.mostByteCount()
                    finding.isValue = true
                    do {
                        finding.complaint = try check(value, input)
                    } catch {
                        finding.complaint = "what was read cannot be written: \(error)"
                    }
                } catch {
                    finding.byteCount = meter.mostByteCount()
                }
                let allowed = input.count * allowance.perByte + allowance.constant
                if finding.byteCount > allowed {
                    // What the runtime keeps of a type from its first use on is taken once, 16 KiB
                    // at a time, and is not the input's: what counts is needed again.
                    meter.start()
                    _ = try? decode(input)
                    finding.byteCount = min(finding.byteCount, meter.mostByteCount())
                }
                if finding.complaint == nil, finding.byteCount > allowed {
                    finding.complaint =
                        "\(finding.byteCount) bytes in use for an input of \(input.count)"
                }
                return finding
            }, seeds: seeds)
    }

    private init(
        name: String, examine: @escaping @Sendable (ArraySlice<UInt8>, Meter) -> Finding,
        seeds: @escaping @Sendable ([Fixture]) -> [[UInt8]]
    ) {
        self.name = name
        self.examine = examine
        self.seeds = seeds
    }
}

extension Parser {
    /// Several readers as one: the first byte of an input says which of them gets the rest.
    init(_ name: String, among parsers: [Parser]) {
        self.init(
            name: name,
            examine: { input, meter in
                guard let first = input.first else { return Finding() }
                let parser = parsers[Int(first) % parsers.count]
                var finding = parser.examine(input.dropFirst(), meter)
                finding.complaint = finding.complaint.map { "\(parser.name): \($0)" }
                return finding
            },
            seeds: { fixtures in
                parsers.enumerated().flatMap { number, parser in
                    parser.seeds(fixtures).map { [UInt8(number)] + $0 }
                }
            })
    }
}

/// Tells how much memory is in use.
public struct Meter: Sendable {
    /// Begins to watch.
    public var start: @Sendable () -> Void
    /// The most bytes in use since then, above those that were in use then.
    public var mostByteCount: @Sendable () -> Int

    /// Makes a meter; without a program that counts, it says 0.
    public init(
        start: @escaping @Sendable () -> Void = {},
        mostByteCount: @escaping @Sendable () -> Int = { 0 }
    ) {
        self.start = start
        self.mostByteCount = mostByteCount
    }
}

/// Bytes of a file in `fixtures`, with what its head says.
public struct Fixture: Sendable {
    /// The path below `fixtures`, without the extension.
    public var name: String
    /// The bytes.
    public var bytes: [UInt8]
    /// The number of the control that it asks for or answers.
    public var opcode: UInt32?

    /// Makes a fixture.
    public init(name: String, bytes: [UInt8], opcode: UInt32? = nil) {
        self.name = name
        self.bytes = bytes
        self.opcode = opcode
    }

    /// Whether it is one packet between nodes or between ctdbd and a client.
    var isLegacyPacket: Bool {
        name.hasPrefix("captured/") || name.hasPrefix("legacy/") && !name.contains("event/")
    }

    /// Reads the text of a file: lines with two digits for each byte in front of a comment.
    public init(name: String, text: String) {
        self.init(name: name, bytes: [])
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                guard line.hasPrefix("# type:") else { continue }
                opcode = line.split(separator: " ").last.flatMap { UInt32($0) }
            } else {
                bytes += line.prefix(48).split(separator: " ").compactMap { UInt8($0, radix: 16) }
            }
        }
    }
}
