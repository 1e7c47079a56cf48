// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Good bytes made to lie.
///
/// Each 32-bit number is replaced by each that is of interest, in both byte orders, and the bytes
/// end at each place, with and without the length in front put right. In long inputs, places in
/// the middle of equal bytes are passed over.
public enum Mutation {
    private static let longByteCount = 8_192

    /// Calls a closure with every mutation of an input.
    ///
    /// - Parameters:
    ///   - input: good bytes.
    ///   - body: what to do with each.
    public static func forEach(of input: [UInt8], _ body: (ArraySlice<UInt8>) -> Void) {
        body(input[...])
        for offset in stride(from: 0, through: input.count - 4, by: 4)
        where !isPassedOver(offset, in: input) {
            for order in ByteOrder.allCases {
                for number in numbers(around: word(in: input, at: offset, order)) {
                    body(patched(input, at: offset, to: number, order)[...])
                }
            }
        }
        for count in 0..<input.count where !isPassedOver(count, in: input) {
            body(input[..<count])
            guard count >= 4 else { continue }
            for order in ByteOrder.allCases {
                body(patched(Array(input[..<count]), at: 0, to: UInt32(count), order)[...])
            }
        }
    }

    private static func isPassedOver(_ offset: Int, in input: [UInt8]) -> Bool {
        guard input.count > longByteCount, offset >= 8, offset + 8 <= input.count else {
            return false
        }
        return input[(offset - 8)..<(offset + 8)].allSatisfy { $0 == input[offset] }
    }

    /// The numbers that are put where a number was.
    static func numbers(around number: UInt32) -> Set<UInt32> {
        [
            0, 1, number &- 1, number, number &+ 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max,
        ]
    }

    private static func word(in input: [UInt8], at offset: Int, _ order: ByteOrder) -> UInt32 {
        var reader = ByteReader(input[offset...], order: order)
        return (try? reader.readUInt32("number", of: "Mutation")) ?? 0
    }

    private static func patched(
        _ input: [UInt8], at offset: Int, to number: UInt32, _ order: ByteOrder
    ) -> [UInt8] {
        var writer = ByteWriter(order: order, appendingTo: input)
        writer.patch(number, at: offset)
        return writer.finish()
    }
}
