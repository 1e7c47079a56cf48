// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// How numbers are written in Swift.
enum SwiftNumber {
    /// A literal with its digits in groups where there are many, as the formatter wants them.
    static func text(_ value: Int128, isHexadecimal: Bool = false) -> String {
        let digits = String(value.magnitude, radix: isHexadecimal ? 16 : 10, uppercase: true)
        let isLong = digits.count >= (isHexadecimal ? 8 : 7)
        let body = isLong ? grouped(digits, by: isHexadecimal ? 4 : 3) : digits
        return (value < 0 ? "-" : "") + (isHexadecimal ? "0x" : "") + body
    }

    /// The smallest type that a constant can have; lengths and flags are unsigned words.
    static func type(_ value: Int128) -> String {
        if UInt32(exactly: value) != nil { return "UInt32" }
        if Int32(exactly: value) != nil { return "Int32" }
        return Int64(exactly: value) != nil ? "Int64" : "UInt64"
    }

    private static func grouped(_ digits: String, by size: Int) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % size == 0 { text += "_" }
            text.append(digit)
        }
        return text
    }
}
