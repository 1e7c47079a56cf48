// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct PushedRecordTests {
    static let hex = """
        14131211 24232221 58575655 54535251 64636261 00000000 00000201 00000000
        03000000 6b657905 00000076 616c7565
        """
    static let hex32 = """
        14131211 24232221 58575655 54535251 64636261 00000000 00000201 03000000
        6b657905 00000076 616c7565
        """
    static let hexBig = """
        11121314 21222324 51525354 55565758 61626364 00000000 01020000 00000000
        00000003 6b657900 00000576 616c7565
        """
    static let value = PushedRecord(
        generation: Generation(rawValue: 0x1112_1314), database: DatabaseID(rawValue: 0x2122_2324),
        header: Sample.header, key: Sample.key, value: Sample.value)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // Both counts, and a sum that 32 bits cannot hold.
    @Test(arguments: [32, 39])
    func aCountOverTheBytesIsRefused(offset: Int) {
        for count in [0x10, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max] as [UInt32] {
            let lying = patched(bytes(Self.hex), at: offset, to: count)
            #expect(throws: WireError.self, "\(count)") {
                try PushedRecord.decode(lying[...], layout: little64)
            }
        }
    }
}
