// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct TickleListTests {
    static let hex = """
        0200111b c0000207 00000000 00000000 00000000 00000000 00000000 02000000
        0200111b c0000207 00000000 00000000 00000000 00000000 00000000 0200111b
        c0000207 00000000 00000000 00000000 00000000 00000000 0a00111b 51525354
        20010db8 01020304 05060708 090a0b0c 64636261 0200111b c0000207 00000000
        00000000 00000000 00000000 00000000
        """
    static let hexBig = """
        0002111b c0000207 00000000 00000000 00000000 00000000 00000000 00000002
        0002111b c0000207 00000000 00000000 00000000 00000000 00000000 0002111b
        c0000207 00000000 00000000 00000000 00000000 00000000 000a111b 51525354
        20010db8 01020304 05060708 090a0b0c 61626364 0002111b c0000207 00000000
        00000000 00000000 00000000 00000000
        """
    static let value = TickleList(
        address: Sample.four,
        connections: [
            TCPConnection(source: Sample.four, destination: Sample.four),
            TCPConnection(source: Sample.six, destination: Sample.four),
        ])

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 18.
    @Test(arguments: [3, 0x0492_4925, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 28, to: count)
        #expect(throws: WireError.self) { try TickleList.decode(lying[...], layout: little64) }
    }

    @Test func aSmallerCountLeavesTheRest() throws {
        let fewer = patched(bytes(Self.hex), at: 28, to: 0)
        let value = try TickleList.decode(fewer[...], layout: little64)
        #expect(value.byteCount(layout: little64) < bytes(Self.hex).count)
    }
}
