// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct PublicIPListTests {
    static let hex = """
        02000000 14131211 0200111b c0000207 00000000 00000000 00000000 00000000
        00000000 ffffffff 0a00111b 51525354 20010db8 01020304 05060708 090a0b0c
        64636261
        """
    static let hexBig = """
        00000002 11121314 0002111b c0000207 00000000 00000000 00000000 00000000
        00000000 ffffffff 000a111b 51525354 20010db8 01020304 05060708 090a0b0c
        61626364
        """
    static let value = PublicIPList(addresses: [
        PublicIP(pnn: PNN(rawValue: 0x1112_1314), address: Sample.four),
        PublicIP(pnn: .unknown, address: Sample.six),
    ])

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 18.
    @Test(arguments: [3, 0x0800_0001, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 0, to: count)
        #expect(throws: WireError.self) { try PublicIPList.decode(lying[...], layout: little64) }
    }

    @Test func aSmallerCountLeavesTheRest() throws {
        let fewer = patched(bytes(Self.hex), at: 0, to: 0)
        let value = try PublicIPList.decode(fewer[...], layout: little64)
        #expect(value.byteCount(layout: little64) < bytes(Self.hex).count)
    }
}
