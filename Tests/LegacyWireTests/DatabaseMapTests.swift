// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct DatabaseMapTests {
    static let hex = """
        02000000 14131211 01000000 24232221 0a000000
        """
    static let hexBig = """
        00000002 11121314 01000000 21222324 0a000000
        """
    static let value = DatabaseMap(databases: [
        DatabaseMap.Database(id: DatabaseID(rawValue: 0x1112_1314), flags: .persistent),
        DatabaseMap.Database(
            id: DatabaseID(rawValue: 0x2122_2324), flags: [.readOnly, .replicated]),
    ])

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 17.
    @Test(arguments: [3, 0x2000_0000, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 0, to: count)
        #expect(throws: WireError.self) { try DatabaseMap.decode(lying[...], layout: little64) }
    }

    @Test func aSmallerCountLeavesTheRest() throws {
        let fewer = patched(bytes(Self.hex), at: 0, to: 1)
        #expect(try DatabaseMap.decode(fewer[...], layout: little64).databases.count == 1)
        let none = patched(bytes(Self.hex), at: 0, to: 0)
        #expect(try DatabaseMap.decode(none[...], layout: little64).databases.isEmpty)
    }
}
