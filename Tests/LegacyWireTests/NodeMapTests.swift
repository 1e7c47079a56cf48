// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct NodeMapTests {
    static let hex = """
        02000000 14131211 24232221 0200111b c0000207 00000000 00000000 00000000
        00000000 00000000 34333231 44434241 0a00111b 51525354 20010db8 01020304
        05060708 090a0b0c 64636261
        """
    static let hexBig = """
        00000002 11121314 21222324 0002111b c0000207 00000000 00000000 00000000
        00000000 00000000 31323334 41424344 000a111b 51525354 20010db8 01020304
        05060708 090a0b0c 61626364
        """
    static let value = NodeMap(nodes: [
        NodeMap.Node(
            pnn: PNN(rawValue: 0x1112_1314), flags: NodeFlags(rawValue: 0x2122_2324),
            address: .ipv4(address: 0xC000_0207, port: 4379)),
        NodeMap.Node(
            pnn: PNN(rawValue: 0x3132_3334), flags: NodeFlags(rawValue: 0x4142_4344),
            address: .ipv6(
                high: 0x2001_0DB8_0102_0304, low: 0x0506_0708_090A_0B0C, port: 4379,
                flow: 0x5152_5354, scope: 0x6162_6364)),
    ])

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 17.
    @Test(arguments: [3, 0x71C_71C8, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 0, to: count)
        #expect(throws: WireError.self) { try NodeMap.decode(lying[...], layout: little64) }
    }

    @Test func aSmallerCountLeavesTheRest() throws {
        let fewer = patched(bytes(Self.hex), at: 0, to: 1)
        #expect(try NodeMap.decode(fewer[...], layout: little64).nodes.count == 1)
        let none = patched(bytes(Self.hex), at: 0, to: 0)
        #expect(try NodeMap.decode(none[...], layout: little64).nodes.isEmpty)
    }
}
