// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RecordBufferTests {
    static let hex = """
        14131211 02000000 30000000 00000000 03000000 1d000000 6b657958 57565554
        53525164 63626100 00000000 00020100 00000076 616c7565 28000000 01000000
        00000000 18000000 58575655 54535251 64636261 00000000 00000201 00000000
        """
    static let hex32 = """
        14131211 02000000 2c000000 00000000 03000000 19000000 6b657958 57565554
        53525164 63626100 00000000 00020176 616c7565 24000000 01000000 00000000
        14000000 58575655 54535251 64636261 00000000 00000201
        """
    static let hexBig = """
        11121314 00000002 00000030 00000000 00000003 0000001d 6b657951 52535455
        56575861 62636400 00000001 02000000 00000076 616c7565 00000028 00000001
        00000000 00000018 51525354 55565758 61626364 00000000 01020000 00000000
        """
    static func value(_ layout: LegacyLayout) -> RecordBuffer {
        RecordBuffer(
            database: Sample.database,
            records: [
                RecordData(
                    reqid: 0, header: Sample.header, key: Sample.key, value: Sample.value,
                    layout: layout),
                RecordData(reqid: 1, header: Sample.header, key: [], value: [], layout: layout),
            ])
    }

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value(little64), Self.hex)
        try expectGolden(Self.value(little32), Self.hex32, layout: little32)
        try expectGolden(Self.value(big64), Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 11 to 13.
    @Test(arguments: [3, 6, 0x1000_0000, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 4, to: count)
        #expect(throws: WireError.self) { try RecordBuffer.decode(lying[...], layout: little64) }
    }

    // FACTS 6.2: a length of 0 would read the same record for ever, another one would step wrong.
    @Test(arguments: [0, 8, 15, 47, 49, 88, .max] as [UInt32])
    func aRecordThatLiesIsRefused(length: UInt32) {
        let lying = patched(bytes(Self.hex), at: 8, to: length)
        #expect(throws: WireError.self) { try RecordBuffer.decode(lying[...], layout: little64) }
    }

    @Test(arguments: [16, 20])
    func aCountInARecordThatLiesIsRefused(offset: Int) {
        for count in [0, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max] as [UInt32] {
            let lying = patched(bytes(Self.hex), at: offset, to: count)
            #expect(throws: WireError.self, "\(count)") {
                try RecordBuffer.decode(lying[...], layout: little64)
            }
        }
    }
}
