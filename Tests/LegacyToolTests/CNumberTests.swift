// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Testing

@Suite struct CNumberTests {
    static let textIsReadAsTheCLibraryDoesCases: [(RawText, Int, UInt64, Int)] = [
        ("7", 10, 7, 1), ("7x", 10, 7, 1), (" \t+7", 10, 7, 4), ("010", 0, 8, 3),
        ("010", 10, 10, 3),
        ("0x1F", 0, 31, 4), ("0x1F", 10, 0, 1), ("0x", 0, 0, 1), ("0xg", 0, 0, 1),
        ("09", 0, 0, 1),
        ("", 0, 0, 0), ("-", 0, 0, 0), ("x", 0, 0, 0), ("- 1", 0, 0, 0),
        ("18446744073709551615", 10, UInt64.max, 20),
    ]

    @Test(arguments: textIsReadAsTheCLibraryDoesCases)
    func textIsReadAsTheCLibraryDoes(text: RawText, base: Int, value: UInt64, end: Int) {
        let number = CNumber(text.bytes, base: base)
        #expect(number.magnitude == value)
        #expect(number.end == end)
        #expect(!number.isNegative || text.hasPrefix("-"))
        #expect(!number.isTooLarge)
    }

    @Test func whatDoesNotFitStopsAtTheEnds() {
        #expect(CNumber(Array("18446744073709551616".utf8), base: 10).isTooLarge)
        #expect(CNumber(Array("99999999999999999999".utf8), base: 10).signed == .max)
        #expect(CNumber(Array("-99999999999999999999".utf8), base: 10).signed == .min)
        #expect(CNumber(Array("-9223372036854775808".utf8), base: 10).signed == .min)
        #expect(CNumber(Array("9223372036854775808".utf8), base: 10).signed == .max)
        #expect(CNumber(Array("-1".utf8), base: 10).unsigned == .max)
    }

    @Test func sambaRefusesSignsAndNothing() {
        #expect(throws: ToolExit(22)) { try CNumber.parse("-1", base: 0) }
        #expect(throws: ToolExit(22)) { try CNumber.parse("", base: 0) }
        #expect(throws: ToolExit(22)) { try CNumber.parse("x", base: 0) }
        #expect(throws: ToolExit(34)) { try CNumber.parse("18446744073709551616", base: 0) }
        #expect(throws: ToolExit(22)) { try CNumber.parse("1x", base: 0, isWhole: true) }
        #expect((try? CNumber.parse("1x", base: 0)) == 1)
        #expect((try? CNumber.parse("1-", base: 0)) == 1)
    }

    @Test func atoiKeepsTheLowestBits() {
        #expect(CNumber.atoi("4294967297") == 1)
        #expect(CNumber.atoi("99999999999999999999") == -1)
        #expect(CNumber.atoi("-5z") == -5)
        #expect(CNumber.atoi("z") == 0)
    }
}
