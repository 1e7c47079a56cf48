// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RecordDataTests {
    static let hex = """
        30000000 14131211 03000000 1d000000 6b657958 57565554 53525164 63626100
        00000000 00020100 00000076 616c7565
        """
    static let hex32 = """
        2c000000 14131211 03000000 19000000 6b657958 57565554 53525164 63626100
        00000000 00020176 616c7565
        """
    static let hexBig = """
        00000030 11121314 00000003 0000001d 6b657951 52535455 56575861 62636400
        00000001 02000000 00000076 616c7565
        """
    static func value(_ layout: LegacyLayout) -> RecordData {
        RecordData(
            reqid: 0x1112_1314, header: Sample.header, key: Sample.key, value: Sample.value,
            layout: layout)
    }

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value(little64), Self.hex)
        try expectGolden(Self.value(little32), Self.hex32, layout: little32)
        try expectGolden(Self.value(big64), Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 14, and 6.2: the length is that of the record, and no other.
    @Test(arguments: [0, 1, 15, 16, 47, 49, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aLengthThatLiesIsRefused(length: UInt32) {
        let lying = patched(bytes(Self.hex), at: 0, to: length)
        #expect(throws: WireError.self) { try RecordData.decode(lying[...], layout: little64) }
    }

    // FACTS 6.1, 14.
    @Test(arguments: [8, 12])
    func aCountOverTheBytesIsRefused(offset: Int) {
        for count in [0x21, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max] as [UInt32] {
            let lying = patched(bytes(Self.hex), at: offset, to: count)
            #expect(throws: WireError.self, "\(count)") {
                try RecordData.decode(lying[...], layout: little64)
            }
        }
        // A sum that 32 bits cannot hold is not taken for a small one.
        var lying = patched(bytes(Self.hex), at: 8, to: 0xFFFF_FFF0)
        lying = patched(lying, at: 12, to: 0x30)
        #expect(throws: WireError.self) { try RecordData.decode(lying[...], layout: little64) }
    }

    @Test func aRecordSplitsIntoHeaderAndValue() throws {
        for layout in LegacyLayout.all {
            let (header, value) = try Self.value(layout).split(layout: layout)
            #expect(header == Sample.header && value == Sample.value)
        }
        let short = RecordData(key: Sample.key, data: Self.value(little64).data.prefix(23))
        #expect(throws: WireError.self) { try short.split(layout: little64) }
    }

    @Test func aRecordWithoutKeyAndDataIsTheLast() throws {
        let end = RecordData(reqid: 7, key: [], data: [])
        #expect(end.isEnd && !Self.value(little64).isEnd)
        try expectGolden(end, "10000000 07000000 00000000 00000000")
    }
}
