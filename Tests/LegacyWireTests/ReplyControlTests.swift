// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct ReplyControlTests {
    static let hex = """
        38000000 42445443 01000000 14131211 08000000 24232221 34333231 44434241
        feffffff 05000000 06000000 76616c75 65726561 736f6e00
        """
    static let hexBig = """
        00000038 43544442 00000001 11121314 00000008 21222324 31323334 41424344
        fffffffe 00000005 00000006 76616c75 65726561 736f6e00
        """
    static let body = ReplyControl(
        status: -2, data: slice("value"), error: slice("reason"))

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.replyControl(Self.body), Self.hex)
        try expectGoldenPacket(.replyControl(Self.body), Self.hex, layout: little32)
        try expectGoldenPacket(.replyControl(Self.body), Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 7.
    @Test func lengthsThatLieAreRefused() {
        let good = bytes(Self.hex)
        for count in 32..<44 { expectRefused(cut(good, to: count), "short: \(count)") }
        expectRefused(patched(good, at: 36, to: 13), "datalen over the rest")
        expectRefused(patched(good, at: 40, to: 8), "errorlen over the rest")
        let wrapped = patched(patched(good, at: 36, to: 0xFFFF_FFF0), at: 40, to: 0x20)
        expectRefused(wrapped, "the sum wraps")
    }

    @Test func theErrorEndsAtItsNULOrItsCount() {
        #expect(ReplyControl(status: -1, error: slice("why\0not")).errorText == "why")
        #expect(Self.body.errorText == "reason")
    }
}
