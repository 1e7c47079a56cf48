// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct TunableTests {
    static let hex = """
        14131211 10000000 4d6f6e69 746f7249 6e746572 76616c00
        """
    static let hexBig = """
        11121314 00000010 4d6f6e69 746f7249 6e746572 76616c00
        """
    static let value = Tunable(value: 0x1112_1314, name: "MonitorInterval")

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 15 and 16: a count owns its bytes, with a NUL inside, at the end, or without.
    @Test func theCountOwnsTheBytes() throws {
        let cases = [
            ("01000000 03000000 616200 ff", "ab"), ("01000000 03000000 616263 ff", "abc"),
            ("01000000 03000000 610062 ff", "a"), ("01000000 00000000 ff", ""),
        ]
        for (hex, name) in cases {
            let bytes = bytes(hex)
            var reader = little64.reader(over: bytes[...])
            let tunable = try Tunable.decode(from: &reader, layout: little64)
            #expect(tunable == Tunable(value: 1, name: name))
            #expect(reader.available == 1, "\(hex)")
        }
    }

    @Test func namesThatAreNoNamesAreRefused() {
        #expect(throws: WireError.self) {
            try Tunable.decode(bytes("01000000 02000000 ff00")[...], layout: little64)
        }
        #expect(throws: WireError.self) {
            try Tunable(value: 1, name: "a\0b").encoded(layout: little64)
        }
        #expect(throws: WireError.self) {
            try Tunable.decode(bytes("01000000 ffffffff 6100")[...], layout: little64)
        }
    }
}
