// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct ReplyErrorTests {
    static let hex = """
        30000000 42445443 01000000 14131211 04000000 24232221 34333231 44434241
        54535251 05000000 76616c75 65000000
        """
    static let hexBig = """
        00000030 43544442 00000001 11121314 00000004 21222324 31323334 41424344
        51525354 00000005 76616c75 65000000
        """
    static let body = ReplyError(status: 0x5152_5354, message: slice("value"))

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.replyError(Self.body), Self.hex)
        try expectGoldenPacket(.replyError(Self.body), Self.hex, layout: little32)
        try expectGoldenPacket(.replyError(Self.body), Self.hexBig, layout: big64)
    }

    // FACTS 6.2: ctdbd checks neither the length nor the NUL.
    @Test func lengthsThatLieAreRefused() {
        let good = bytes(Self.hex)
        for count in 32..<40 { expectRefused(cut(good, to: count), "short: \(count)") }
        expectRefused(patched(good, at: 36, to: 9), "msglen over the rest")
        expectRefused(patched(good, at: 36, to: .max), "msglen of 4 GiB")
    }

    @Test func theTextEndsAtItsNULOrItsCount() {
        #expect(ReplyError(status: -1, message: slice("why\0not")).text == "why")
        #expect(ReplyError(status: -1, message: slice("why")).text == "why")
        #expect(ReplyError(status: -1, message: [0xFF]).text == "\u{FFFD}")
    }
}
