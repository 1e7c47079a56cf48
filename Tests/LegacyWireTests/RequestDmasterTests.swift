// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RequestDmasterTests {
    static let hex = """
        48000000 42445443 01000000 14131211 02000000 24232221 34333231 44434241
        54535251 00000000 68676665 64636261 74737271 03000000 05000000 6b657976
        616c7565 84838281
        """
    static let hex32 = """
        48000000 42445443 01000000 14131211 02000000 24232221 34333231 44434241
        54535251 68676665 64636261 74737271 03000000 05000000 6b657976 616c7565
        84838281 00000000
        """
    static let hexBig = """
        00000048 43544442 00000001 11121314 00000002 21222324 31323334 41424344
        51525354 00000000 61626364 65666768 71727374 00000003 00000005 6b657976
        616c7565 81828384
        """
    static let body = RequestDmaster(
        database: DatabaseID(rawValue: 0x5152_5354), rsn: RSN(rawValue: 0x6162_6364_6566_6768),
        dmaster: PNN(rawValue: 0x7172_7374), key: slice("key"), data: slice("value"),
        recordFlags: 0x8182_8384)

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.requestDmaster(Self.body), Self.hex)
        try expectGoldenPacket(.requestDmaster(Self.body), Self.hex32, layout: little32)
        try expectGoldenPacket(.requestDmaster(Self.body), Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 1.
    @Test func lengthsThatLieAreRefused() {
        let good = bytes(Self.hex)
        for count in 32..<60 { expectRefused(cut(good, to: count), "short: \(count)") }
        expectRefused(patched(good, at: 52, to: 13), "keylen over the rest")
        expectRefused(patched(good, at: 56, to: 10), "datalen over the rest")
        let wrapped = patched(patched(good, at: 52, to: 0xFFFF_FFF0), at: 56, to: 0x20)
        expectRefused(wrapped, "the sum wraps")
    }

    @Test func aSenderWithoutRecordFlagsMeansNone() throws {
        let decoded = try LegacyPacket.decode(cut(bytes(Self.hex), to: 71)[...], layout: little64)
        var expected = Self.body
        expected.recordFlags = 0
        #expect(decoded == packet(.requestDmaster(expected)))
    }
}
