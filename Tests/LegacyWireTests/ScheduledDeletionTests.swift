// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct ScheduledDeletionTests {
    static let hex = """
        14131211 00000000 58575655 54535251 64636261 00000000 00000201 00000000
        03000000 6b6579
        """
    static let hex32 = """
        14131211 58575655 54535251 64636261 00000000 00000201 03000000 6b6579
        """
    static let hexBig = """
        11121314 00000000 51525354 55565758 61626364 00000000 01020000 00000000
        00000003 6b6579
        """
    static let value = ScheduledDeletion(
        database: Sample.database, header: Sample.header, key: Sample.key)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    @Test(arguments: [6, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 32, to: count)
        #expect(throws: WireError.self) {
            try ScheduledDeletion.decode(lying[...], layout: little64)
        }
    }
}
