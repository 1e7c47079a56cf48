// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RequestControlTests {
    static let hex = """
        48000000 42445443 01000000 14131211 07000000 24232221 34333231 44434241
        54535251 00000000 68676665 64636261 74737271 84838281 05000000 76616c75
        65000000 00000000
        """
    static let hexBig = """
        00000048 43544442 00000001 11121314 00000007 21222324 31323334 41424344
        51525354 00000000 61626364 65666768 71727374 81828384 00000005 76616c75
        65000000 00000000
        """
    static let body = RequestControl(
        opcode: ControlOpcode(rawValue: 0x5152_5354),
        srvid: SrvID(rawValue: 0x6162_6364_6566_6768), clientID: 0x7172_7374,
        flags: RequestControl.Flags(rawValue: 0x8182_8384), data: slice("value"))

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.requestControl(Self.body), Self.hex)
        try expectGoldenPacket(.requestControl(Self.body), Self.hex, layout: little32)
        try expectGoldenPacket(.requestControl(Self.body), Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 6.
    @Test func lengthsThatLieAreRefused() {
        let good = bytes(Self.hex)
        for count in 32..<60 { expectRefused(cut(good, to: count), "short: \(count)") }
        expectRefused(patched(good, at: 56, to: 13), "datalen over the rest")
        expectRefused(patched(good, at: 56, to: .max), "datalen of 4 GiB")
    }

    @Test func paddingIsIgnoredWhenReadAndZeroWhenWritten() throws {
        let dirty = patched(bytes(Self.hex), at: 36, to: .max)
        let decoded = try LegacyPacket.decode(dirty[...], layout: little64)
        #expect(decoded == packet(.requestControl(Self.body)))
        #expect(try decoded.encode(layout: little64) == bytes(Self.hex))
    }
}
