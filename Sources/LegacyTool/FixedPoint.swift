// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Numbers as C's `printf` formats them.
package enum FixedPoint {
    /// A number with six decimals, rounded to even from its exact binary value, as `%.6f`.
    package static func sixDecimals(_ value: Double) -> String {
        let sign = value.sign == .minus ? "-" : ""
        if value.isNaN { return sign + "nan" }
        if value.isInfinite { return sign + "inf" }
        let magnitude = value.magnitude
        guard magnitude < 0x1p64 else { return sign + wholeDigits(magnitude) + ".000000" }
        let whole = magnitude.rounded(.towardZero)
        var integer = UInt64(whole)
        // The rest is exact: a mantissa of at most 53 bits, shifted right.
        let rest = magnitude - whole
        var millionths: UInt64 = 0
        if rest > 0 {
            let shift = 52 - Int(rest.exponent)
            let mantissa = UInt64(rest.significand * 0x1p52)
            let product = UInt128(mantissa) * 1_000_000
            if shift < 128 {
                millionths = UInt64(truncatingIfNeeded: product >> UInt128(shift))
                let remainder = product - (UInt128(millionths) << UInt128(shift))
                let half = UInt128(1) << UInt128(shift - 1)
                if remainder > half || remainder == half && millionths & 1 == 1 {
                    millionths += 1
                }
            }
        }
        if millionths == 1_000_000 {
            integer += 1
            millionths = 0
        }
        return "\(sign)\(integer).\(String(millionths).padded(before: 6, with: "0"))"
    }

    /// All digits of a whole number that is too large for an integer.
    private static func wholeDigits(_ value: Double) -> String {
        // Digits in base 10, the last first.
        var digits = String(UInt64(value.significand * 0x1p52)).compactMap(\.wholeNumberValue)
        digits.reverse()
        for _ in 0..<max(0, Int(value.exponent) - 52) {
            var carry = 0
            for index in digits.indices {
                let double = digits[index] * 2 + carry
                digits[index] = double % 10
                carry = double / 10
            }
            if carry > 0 { digits.append(carry) }
        }
        return digits.reversed().map(String.init).joined()
    }

    /// A number with zeros in front, as `%0Nd`: a sign counts.
    package static func zeroPadded(_ value: Int32, _ width: Int) -> String {
        let digits = String(value.magnitude)
        return value < 0
            ? "-" + digits.padded(before: width - 1, with: "0")
            : digits.padded(before: width, with: "0")
    }

    /// Eight hexadecimal digits.
    package static func hexadecimal(_ value: UInt32, uppercase: Bool = false) -> String {
        String(value, radix: 16, uppercase: uppercase).padded(before: 8, with: "0")
    }
}
