// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Testing

@Suite struct RawTextTests {
    @Test func bytesThatAreNoTextStay() {
        let text = RawText(bytes: [0xFF, 0x0A, 0x41])
        let line: RawText = "<\(text) \(7)>"
        #expect(line.bytes == [0x3C, 0xFF, 0x0A, 0x41, 0x20, 0x37, 0x3E])
        #expect(text != "A")
        #expect(RawText(bytes: [0x41]) == "A")
    }
}
