// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct ReplyCallTests {
    static let hex = """
        30000000 42445443 01000000 14131211 01000000 24232221 34333231 44434241
        54535251 05000000 76616c75 65000000
        """
    static let hexBig = """
        00000030 43544442 00000001 11121314 00000001 21222324 31323334 41424344
        51525354 00000005 76616c75 65000000
        """
    static let empty = """
        30000000 42445443 01000000 14131211 01000000 24232221 34333231 44434241
        00000000 00000000 00000000 00000000
        """
    static let body = ReplyCall(status: 0x5152_5354, data: slice("value"))

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.replyCall(Self.body), Self.hex)
        try expectGoldenPacket(.replyCall(Self.body), Self.hex, layout: little32)
        try expectGoldenPacket(.replyCall(Self.body), Self.hexBig, layout: big64)
    }

    // ctdbd never sends less than its struct: 44 bytes, padded to 48.
    @Test func anEmptyReplyIsAsLongAsTheStruct() throws {
        let body = LegacyPacket.Body.replyCall(ReplyCall(status: 0, data: []))
        try expectGoldenPacket(body, Self.empty)
    }

    // FACTS 6.1, 3.
    @Test func lengthsThatLieAreRefused() {
        let good = bytes(Self.hex)
        for count in 32..<40 { expectRefused(cut(good, to: count), "short: \(count)") }
        expectRefused(patched(good, at: 36, to: 9), "datalen over the rest")
        expectRefused(patched(good, at: 36, to: .max), "datalen of 4 GiB")
    }
}
