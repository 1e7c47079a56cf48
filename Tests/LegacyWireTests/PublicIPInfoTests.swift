// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct PublicIPInfoTests {
    static let hex = """
        14131211 0a00111b 51525354 20010db8 01020304 05060708 090a0b0c 64636261
        ffffffff 01000000 65746830 00000000 00000000 00000000 00000100 02000000
        """
    static let hexBig = """
        11121314 000a111b 51525354 20010db8 01020304 05060708 090a0b0c 61626364
        ffffffff 00000001 65746830 00000000 00000000 00000000 00000001 00000002
        """
    static let value = PublicIPInfo(
        publicIP: PublicIP(pnn: PNN(rawValue: 0x1112_1314), address: Sample.six),
        activeIndex: PublicIPInfo.noInterface,
        interfaces: [NetworkInterface(name: "eth0", linkState: 1, references: 2)])

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 18: the list inside.
    @Test(arguments: [2, 0x0AAA_AAAB, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 36, to: count)
        #expect(throws: WireError.self) { try PublicIPInfo.decode(lying[...], layout: little64) }
    }

    @Test func aSmallerCountLeavesTheRest() throws {
        let fewer = patched(bytes(Self.hex), at: 36, to: 0)
        let value = try PublicIPInfo.decode(fewer[...], layout: little64)
        #expect(value.byteCount(layout: little64) < bytes(Self.hex).count)
    }
}
