// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct AddressInfoTests {
    static let hex = """
        0200111b c0000207 00000000 00000000 00000000 00000000 00000000 18000000
        05000000 65746830 00
        """
    static let hexBig = """
        0002111b c0000207 00000000 00000000 00000000 00000000 00000000 00000018
        00000005 65746830 00
        """
    static let value = AddressInfo(address: Sample.four, maskBits: 24, interface: "eth0")

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 15 and 16: a count owns its bytes, with a NUL inside, at the end, or without.
    @Test func theCountOwnsTheBytes() throws {
        let address = Array(bytes(Self.hex).prefix(32))
        let cases: [(String, String?)] = [
            ("03000000 616200 ff", "ab"), ("03000000 616263 ff", "abc"),
            ("03000000 610062 ff", "a"), ("00000000 ff", nil), ("01000000 00 ff", ""),
        ]
        for (hex, name) in cases {
            let input = address + bytes(hex)
            var reader = little64.reader(over: input[...])
            let info = try AddressInfo.decode(from: &reader, layout: little64)
            #expect(info.interface == name)
            #expect(reader.available == 1, "\(hex)")
        }
        let lying = patched(bytes(Self.hex), at: 32, to: .max)
        #expect(throws: WireError.self) { try AddressInfo.decode(lying[...], layout: little64) }
    }
}
