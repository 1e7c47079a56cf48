// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct DatabaseStatisticsTests {
    static let hex = """
        14131211 24232221 34333231 44434241 07000000 00000000 00000000 0000c03f
        00000000 00000440 00000000 00401c40 00100000 01100000 02100000 03100000
        04100000 05100000 06100000 07100000 08100000 09100000 0a100000 0b100000
        0c100000 0d100000 0e100000 0f100000 05000000 00000000 00000000 0000c03f
        00000000 00000440 00000000 00401440 54535251 64636261 00200000 01200000
        02200000 03200000 04200000 05200000 06200000 07200000 08200000 09200000
        0a200000 0b200000 0c200000 0d200000 0e200000 0f200000 0a000000 00000000
        74737271 00000000 00000000 00000000 03000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 04030201 00000000
        00000000 00000000 05000000 00000000 6b657976 616c7565
        """
    static let hex32 = """
        14131211 24232221 34333231 44434241 07000000 00000000 0000c03f 00000000
        00000440 00000000 00401c40 00100000 01100000 02100000 03100000 04100000
        05100000 06100000 07100000 08100000 09100000 0a100000 0b100000 0c100000
        0d100000 0e100000 0f100000 05000000 00000000 0000c03f 00000000 00000440
        00000000 00401440 54535251 64636261 00200000 01200000 02200000 03200000
        04200000 05200000 06200000 07200000 08200000 09200000 0a200000 0b200000
        0c200000 0d200000 0e200000 0f200000 0a000000 74737271 00000000 03000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        04030201 00000000 05000000 6b657976 616c7565
        """
    static let hexBig = """
        11121314 21222324 31323334 41424344 00000007 00000000 3fc00000 00000000
        40040000 00000000 401c4000 00000000 00001000 00001001 00001002 00001003
        00001004 00001005 00001006 00001007 00001008 00001009 0000100a 0000100b
        0000100c 0000100d 0000100e 0000100f 00000005 00000000 3fc00000 00000000
        40040000 00000000 40144000 00000000 51525354 61626364 00002000 00002001
        00002002 00002003 00002004 00002005 00002006 00002007 00002008 00002009
        0000200a 0000200b 0000200c 0000200d 0000200e 0000200f 0000000a 00000000
        71727374 00000000 00000000 00000000 00000000 00000003 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 01020304 00000000
        00000000 00000000 00000000 00000005 6b657976 616c7565
        """
    static let value = DatabaseStatistics(
        locks: Sample.locks, vacuumLatency: Sample.latency(5), readOnlyDelegations: 0x5152_5354,
        readOnlyRevokes: 0x6162_6364, hopCounts: CountBuckets((0..<16).map { 0x2000 + $0 }),
        hotKeys: [.init(count: 0x7172_7374, key: Sample.key)] + Array(repeating: .init(), count: 8)
            + [.init(count: 0x0102_0304, key: Sample.value)])

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // Ten places, each with the size of a key; the bytes of the keys come last.
    @Test(arguments: [0, 1, 9])
    func aKeyOverTheBytesIsRefused(place: Int) {
        let offset = 224 + place * 24 + 16
        for half in [(9, 0), (.max, 0), (0, 1), (0, 0x8000_0000), (.max, .max)]
            as [(UInt32, UInt32)]
        {
            let low = patched(bytes(Self.hex), at: offset, to: half.0)
            let lying = patched(low, at: offset + 4, to: half.1)
            #expect(throws: WireError.self, "\(half)") {
                try DatabaseStatistics.decode(lying[...], layout: little64)
            }
        }
    }

    @Test func theStatedNumberOfKeysReservesNothing() throws {
        let lying = patched(bytes(Self.hex), at: 216, to: .max)
        let value = try DatabaseStatistics.decode(lying[...], layout: little64)
        #expect(value.hotKeyCount == .max && value.hotKeys.count == 10)
    }

    @Test func thePointerMeansNothing() throws {
        let leaked = patched(bytes(Self.hex), at: 224 + 8, to: 0xDEAD_BEEF)
        #expect(try DatabaseStatistics.decode(leaked[...], layout: little64) == Self.value)
    }

    @Test func missingPlacesAreWrittenAsZero() throws {
        var value = Self.value
        value.hotKeys = []
        let written = try value.encoded(layout: little64)
        #expect(written.count == 464)
        let read = try DatabaseStatistics.decode(written[...], layout: little64)
        #expect(read.hotKeys == Array(repeating: .init(), count: 10))
        value.hotKeys = Array(repeating: .init(), count: 11)
        #expect(throws: WireError.self) { try value.encoded(layout: little64) }
    }
}
