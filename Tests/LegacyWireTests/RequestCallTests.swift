// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RequestCallTests {
    static let hex = """
        40000000 42445443 01000000 14131211 00000000 24232221 34333231 44434241
        54535251 64636261 74737271 84838281 03000000 05000000 6b657976 616c7565
        """
    static let hexBig = """
        00000040 43544442 00000001 11121314 00000000 21222324 31323334 41424344
        51525354 61626364 71727374 81828384 00000003 00000005 6b657976 616c7565
        """
    static let body = RequestCall(
        flags: RequestCall.Flags(rawValue: 0x5152_5354),
        database: DatabaseID(rawValue: 0x6162_6364), function: 0x7172_7374,
        hopCount: 0x8182_8384, key: slice("key"), data: slice("value"))

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.requestCall(Self.body), Self.hex)
        try expectGoldenPacket(.requestCall(Self.body), Self.hex, layout: little32)
        try expectGoldenPacket(.requestCall(Self.body), Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 2.
    @Test func lengthsThatLieAreRefused() {
        let good = bytes(Self.hex)
        for count in 32..<56 { expectRefused(cut(good, to: count), "short: \(count)") }
        expectRefused(patched(good, at: 48, to: 9), "keylen over the rest")
        expectRefused(patched(good, at: 52, to: 6), "calldatalen over the rest")
        expectRefused(patched(good, at: 48, to: .max), "keylen of 4 GiB")
        let wrapped = patched(patched(good, at: 48, to: 0xFFFF_FFF0), at: 52, to: 0x20)
        expectRefused(wrapped, "the sum wraps")
    }
}
