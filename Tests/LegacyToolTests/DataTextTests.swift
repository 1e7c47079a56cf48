// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Testing

@Suite struct DataTextTests {
    @Test func plainTextIsItself() throws {
        #expect(try DataText.parse("key") == Array("key".utf8))
        #expect(try DataText.parse("") == [])
        #expect(try DataText.parse("0X41") == Array("0X41".utf8))
        #expect(try DataText.parse(RawText(bytes: [0xFF, 0x0A])) == [0xFF, 0x0A])
    }

    @Test func hexadecimalStandsForBytes() throws {
        #expect(try DataText.parse("0x") == [])
        #expect(try DataText.parse("0x00fFA1") == [0, 0xFF, 0xA1])
    }

    @Test func whatIsWrongIsSaidAsTheInstalledToolSaysIt() {
        #expect(
            throws: DataText.Problem(
                complaint: "Key (123\" x\n) contains odd number of hex digits\n")
        ) { try DataText.parse("0x123", followedBy: "\" x\n") }
        #expect(throws: DataText.Problem(complaint: "Invalid hex: g4\" x\n\n")) {
            try DataText.parse("0x12g4", followedBy: "\" x\n")
        }
        #expect(throws: DataText.Problem(complaint: "Invalid hex: 4g\n")) {
            try DataText.parse("0x4g")
        }
    }
}
