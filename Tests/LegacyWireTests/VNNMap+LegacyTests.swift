// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct VNNMapLegacyTests {
    static let hex = """
        14131211 03000000 24232221 34333231 44434241
        """
    static let hexBig = """
        11121314 00000003 21222324 31323334 41424344
        """
    static let value = VNNMap(
        generation: Generation(rawValue: 0x1112_1314),
        nodes: [0x2122_2324, 0x3132_3334, 0x4142_4344].map(PNN.init(rawValue:)))

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 8 and 9.
    @Test(arguments: [4, 0x4000_0000, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 4, to: count)
        #expect(throws: WireError.self) { try VNNMap.decode(lying[...], layout: little64) }
    }

    @Test func aSmallerCountLeavesTheRest() throws {
        let fewer = patched(bytes(Self.hex), at: 4, to: 1)
        #expect(try VNNMap.decode(fewer[...], layout: little64).nodes.count == 1)
        let none = patched(bytes(Self.hex), at: 4, to: 0)
        #expect(try VNNMap.decode(none[...], layout: little64).nodes.isEmpty)
    }
}
