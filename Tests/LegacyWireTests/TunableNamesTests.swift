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
            #expect(
                try TunableNames.decode(bytes(hex)[...], layout: little64)
                    == TunableNames(names: []))
        }
    }

    // FACTS 6.1, 15 and 16.
    @Test func theCountOwnsTheBytes() throws {
        for hex in ["03000000 613a62 ff", "05000000 613a620063 ff", "04000000 613a6200 ff"] {
            let input = bytes(hex)
            var reader = little64.reader(over: input[...])
            let names = try TunableNames.decode(from: &reader, layout: little64)
            #expect(names == TunableNames(names: ["a", "b"]))
            #expect(reader.available == 1, "\(hex)")
        }
        let lying = patched(bytes(Self.hex), at: 0, to: 18)
        #expect(throws: WireError.self) { try TunableNames.decode(lying[...], layout: little64) }
    }

    @Test(arguments: [["a:b"], [""], ["a", ""], ["a\0b"]])
    func namesThatWouldBeOthersAreNotWritten(names: [String]) {
        #expect(throws: WireError.self) { try TunableNames(names: names).encoded(layout: little64) }
    }
}
