// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing

@Suite struct EventScriptResultTests {
    static let moment = Timeval(seconds: 0x1112_1314, microseconds: 0x21222)

    @Test func bytesAndValueAgree() throws {
        let value = EventScriptResult(
            name: "a", begin: Self.moment, end: Self.moment, result: 2, output: "no\n")
        let moment = "14131211 00000000 22120200 00000000"
        try expectGolden(
            value, "02000000 6100 \(moment) \(moment) 02000000 04000000 6e6f0a00")
        try expectGolden(
            value,
            "00000002 6100 11121314 00021222 11121314 00021222 00000002 00000004 6e6f0a00",
            layout: LegacyLayout(byteOrder: .big, wordSize: .bits32))
    }

    // FACTS 6.1, 15 and 16, and what is nothing.
    @Test func aMissingTextIsNotAnEmptyOne() throws {
        for (name, output) in [(nil, nil), ("", ""), (nil, "x")] as [(String?, String?)] {
            let value = EventScriptResult(
                name: name, begin: Self.moment, end: Self.moment, result: 0, output: output)
            let written = try value.encoded(layout: little64)
            #expect(try EventScriptResult.decode(written[...], layout: little64) == value)
            #expect(written.count == value.byteCount(layout: little64))
        }
    }

    @Test func whatIsNotTextGoesThrough() throws {
        let value = EventScriptResult(
            nameBytes: [0xE9], begin: Self.moment, end: Self.moment, result: 0,
            outputBytes: [0xFF, 0x61])
        let written = try value.encoded(layout: little64)
        #expect(try EventScriptResult.decode(written[...], layout: little64) == value)
        #expect(value.output == "\u{FFFD}a")
        let cut = EventScriptResult(
            nameBytes: [0x61, 0], begin: Self.moment, end: Self.moment, result: 0,
            outputBytes: nil)
        #expect(throws: WireError.self) { try cut.encoded(layout: little64) }
    }
}
