// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct TunableNamesTests {
    static let hex = """
        11000000 46697273 743a5365 636f6e64 3a337264 00
        """
    static let hexBig = """
        00000011 46697273 743a5365 636f6e64 3a337264 00
        """
    static let value = TunableNames(names: ["First", "Second", "3rd"])

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    @Test func noNamesAreAnEmptyText() throws {
        #expect(try TunableNames(names: []).encoded(layout: little64) == [0, 0, 0, 0])
        for hex in ["00000000", "01000000 00", "02000000 3a00"] {
            let list = try TunableNames.decode(bytes(hex)[...], layout: little64)
            #expect(list.names.isEmpty)
        }
    }

    // FACTS 6.1, 15 and 16; and a colon in front, as ctdbd has it.
    @Test func theCountOwnsTheBytes() throws {
        for hex in ["03000000 613a62 ff", "07000000 3a613a620063 00 ff", "04000000 613a6200 ff"] {
            let input = bytes(hex)
            var reader = little64.reader(over: input[...])
            let list = try TunableNames.decode(from: &reader, layout: little64)
            #expect(list.names == ["a", "b"])
            #expect(reader.available == 1, "\(hex)")
        }
        let lying = patched(bytes(Self.hex), at: 0, to: 18)
        #expect(throws: WireError.self) { try TunableNames.decode(lying[...], layout: little64) }
    }

    @Test func aNULInsideIsNotWritten() {
        #expect(throws: WireError.self) {
            try TunableNames(names: ["a\0b"]).encoded(layout: little64)
        }
    }
}
