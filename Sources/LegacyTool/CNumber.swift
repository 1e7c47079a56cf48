// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A number at the beginning of a text, read as the C library's `strtol` family reads it.
package struct CNumber: Equatable {
    /// The error numbers that the legacy tool ends with.
    static let invalid: Int32 = 22
    static let outOfRange: Int32 = 34

    /// Whether there was a minus sign.
    package var isNegative: Bool
    /// The digits' value, the largest when it does not fit.
    package var magnitude: UInt64
    /// Whether it did not fit.
    package var isTooLarge: Bool
    /// Where the number ends; 0 when there is none.
    package var end: Int

    /// Reads a number.
    ///
    /// - Parameters:
    ///   - bytes: white space, a sign, digits, and anything behind them.
    ///   - base: 10, or 0 for what the digits' prefix says: `0x`, `0`, or none.
    package init(_ bytes: [UInt8], base: Int) {
        var at = bytes.firstIndex { !Self.isSpace($0) } ?? bytes.count
        isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
        if isNegative || at < bytes.count && bytes[at] == UInt8(ascii: "+") { at += 1 }
        var radix: UInt64 = base == 0 ? 10 : UInt64(base)
        if base == 0, at < bytes.count, bytes[at] == UInt8(ascii: "0") {
            let isHexadecimal =
                at + 2 < bytes.count && bytes[at + 1] | 0x20 == UInt8(ascii: "x")
                && Self.digit(bytes[at + 2], radix: 16) != nil
            radix = isHexadecimal ? 16 : 8
            if isHexadecimal { at += 2 }
        }
        magnitude = 0
        isTooLarge = false
        end = 0
        while at < bytes.count, let digit = Self.digit(bytes[at], radix: radix) {
            let (product, isOver) = magnitude.multipliedReportingOverflow(by: radix)
            let (sum, isLarger) = product.addingReportingOverflow(digit)
            isTooLarge = isTooLarge || isOver || isLarger
            magnitude = isTooLarge ? .max : sum
            at += 1
            end = at
        }
    }

    /// The value as `strtoll` gives it: the nearest end when it does not fit.
    package var signed: Int64 {
        if isNegative {
            return magnitude > UInt64(Int64.max) ? .min : -Int64(magnitude)
        }
        return Int64(clamping: magnitude)
    }

    /// The value as `strtoull` gives it: a negative one from the other end.
    package var unsigned: UInt64 { isNegative && !isTooLarge ? 0 &- magnitude : magnitude }

    /// A number that Samba's `smb_strtoul` takes: no sign, something there, not too large.
    ///
    /// - Parameters:
    ///   - text: the number, and anything behind it.
    ///   - base: 10 or 0.
    ///   - isWhole: whether nothing may follow it.
    /// - Returns: the number.
    /// - Throws: the error number that it has for the legacy tool.
    package static func parse(
        _ text: RawText, base: Int, isWhole: Bool = false
    ) throws(ToolExit) -> UInt64 {
        let number = CNumber(text.bytes, base: base)
        if number.isTooLarge { throw ToolExit(outOfRange) }
        if number.end == 0 || number.isNegative { throw ToolExit(invalid) }
        if isWhole, number.end != text.bytes.count { throw ToolExit(invalid) }
        return number.magnitude
    }

    /// A number as `atoi` reads it: 0 when there is none, the lowest 32 bits when it is too large.
    package static func atoi(_ text: RawText) -> Int32 {
        Int32(truncatingIfNeeded: CNumber(text.bytes, base: 10).signed)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func digit(_ byte: UInt8, radix: UInt64) -> UInt64? {
        let value: UInt64? =
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
            default: nil
            }
        return value.flatMap { $0 < radix ? $0 : nil }
    }
}
