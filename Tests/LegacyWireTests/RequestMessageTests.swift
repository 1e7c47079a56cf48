// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RequestMessageTests {
    static let hex = """
        38000000 42445443 01000000 14131211 05000000 24232221 34333231 44434241
        58575655 54535251 05000000 76616c75 65000000 00000000
        """
    static let hexBig = """
        00000038 43544442 00000001 11121314 00000005 21222324 31323334 41424344
        51525354 55565758 00000005 76616c75 65000000 00000000
        """
    static let body = RequestMessage(
        srvid: SrvID(rawValue: 0x5152_5354_5556_5758), data: slice("value"))

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.requestMessage(Self.body), Self.hex)
        try expectGoldenPacket(.requestMessage(Self.body), Self.hex, layout: little32)
        try expectGoldenPacket(.requestMessage(Self.body), Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 5.
    @Test func lengthsThatLieAreRefused() {
        let good = bytes(Self.hex)
        for count in 32..<44 { expectRefused(cut(good, to: count), "short: \(count)") }
        expectRefused(patched(good, at: 40, to: 13), "datalen over the rest")
        expectRefused(patched(good, at: 40, to: .max), "datalen of 4 GiB")
    }

    @Test(arguments: LegacyLayout.all)
    func thePiecesOfAPacketMakeTheSameBytes(layout: LegacyLayout) throws {
        let text = slice("a message in several pieces")
        for first in 0...text.count {
            let pieces = [text[..<first], [], text[first...]]
            let made = try RequestMessage.encodePacket(
                srvid: .tunnelNewProtocol, data: pieces, destination: PNN(rawValue: 3),
                source: PNN(rawValue: 4), generation: Generation(rawValue: 5), layout: layout)
            let body = RequestMessage(srvid: .tunnelNewProtocol, data: text)
            let expected = LegacyPacket(
                generation: Generation(rawValue: 5), destination: PNN(rawValue: 3),
                source: PNN(rawValue: 4), reqid: Reqid(rawValue: 0), body: .requestMessage(body))
            #expect(try expected.encode(layout: layout) == made)
        }
    }

    @Test func aPacketOverTheLimitIsNotMade() throws {
        let data = [UInt8](repeating: 7, count: 52)[...]
        let make = { (limit: Int) throws in
            try RequestMessage.encodePacket(
                srvid: .all, data: [data, data], destination: .current, layout: little64,
                limit: limit)
        }
        #expect(try make(152).count == 152)
        #expect(throws: WireError.self) { try make(151) }
        #expect(throws: WireError.self) { try make(60) }
        #expect(throws: WireError.self) { try make(-1) }
    }

    @Test func theDataOfADecodedMessageIsNotCopied() throws {
        let stream = [UInt8](repeating: 0, count: 8) + bytes(Self.hex)
        let decoded = try LegacyPacket.decode(stream[8...], layout: little64)
        guard case .requestMessage(let message) = decoded.body else {
            Issue.record("not a message: \(decoded.body)")
            return
        }
        // A slice of the same storage keeps the indices of the stream.
        #expect(message.data.indices == 52..<57)
        #expect(message.data == slice("value"))
    }
}
