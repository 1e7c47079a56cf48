// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Testing

@Suite struct FixedPointTests {
    /// Values and what C's printf("%.6f") makes of them.
    static let numbersAreRoundedFromTheirExactValueCases: [(Double, String)] = [
        (0.0, "0.000000"), (-0.0, "-0.000000"), (1.0, "1.000000"), (0.1, "0.100000"),
        (0.0000005, "0.000000"), (0.00000051, "0.000001"), (0.0000015, "0.000002"),
        (2.5e-7, "0.000000"), (0.9999995, "1.000000"), (0.99999951, "1.000000"),
        (1.0 / 3, "0.333333"), (2.0 / 3, "0.666667"), (-1234.5678901, "-1234.567890"),
        (0.5000005, "0.500000"), (0.0078125, "0.007812"), (0.0234375, "0.023438"),
        (1e15 + 0.3, "1000000000000000.250000"), (.leastNonzeroMagnitude, "0.000000"),
        (9007199254740993.0, "9007199254740992.000000"),
        (1e22, "10000000000000000000000.000000"),
        (18446744073709551616.0, "18446744073709551616.000000"),
        (1e23, "99999999999999991611392.000000"),
        (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
    ]

    @Test(arguments: numbersAreRoundedFromTheirExactValueCases)
    func numbersAreRoundedFromTheirExactValue(value: Double, text: String) {
        #expect(FixedPoint.sixDecimals(value) == text)
    }

    @Test func theLargestNumberHasAllItsDigits() {
        let text = FixedPoint.sixDecimals(.greatestFiniteMagnitude)
        #expect(text.hasPrefix("17976931348623157081452742373170435679807056752584499659891"))
        #expect(text.hasSuffix("6204144723168738177180919299881250404026184124858368.000000"))
        #expect(text.count == 309 + 7)
    }

    @Test func zerosCountASign() {
        #expect(FixedPoint.zeroPadded(7, 3) == "007")
        #expect(FixedPoint.zeroPadded(1234, 3) == "1234")
        #expect(FixedPoint.zeroPadded(-7, 2) == "-7")
        #expect(FixedPoint.zeroPadded(-7, 3) == "-07")
        #expect(FixedPoint.zeroPadded(.min, 2) == "-2147483648")
    }

    @Test func hexadecimalHasEightDigits() {
        #expect(FixedPoint.hexadecimal(0xAB) == "000000ab")
        #expect(FixedPoint.hexadecimal(.max, uppercase: true) == "FFFFFFFF")
    }
}
