// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct LegacyPacketTests {
    @Test(arguments: LegacyLayout.all)
    func whatIsWrittenIsRead(layout: LegacyLayout) throws {
        let seed: UInt64 = 0x7AB1_EC10
        var generator = SeededGenerator(seed: seed)
        for round in 0..<2000 {
            let packet = generator.packet()
            let bytes = try packet.encodeAsSeen(layout: layout)
            let decoded = try LegacyPacket.decode(bytes[...], layout: layout)
            #expect(decoded == packet, "seed \(seed), round \(round)")
            #expect(bytes.count % 8 == 0)
        }
    }

    @Test func moreOrFewerBytesThanTheHeaderSaysAreRefused() throws {
        let good = try packet(.requestKeepalive(RequestKeepalive(version: 1, uptimeSeconds: 2)))
            .encodeAsSeen(layout: little64)
        expectRefused(good + [0], "one byte more")
        expectRefused(good.dropLast(), "one byte less")
        expectRefused(patched(good, at: 0, to: .max), "4 GiB")
    }

    @Test func aBodyLongerThanItsContentIsReadAndShortened() throws {
        let good = try packet(.replyControl(ReplyControl(status: 0, data: slice("abcd"))))
            .encode(layout: little64)
        let long = patched(good + [9, 9, 9], at: 0, to: UInt32(good.count + 3))
        let decoded = try LegacyPacket.decode(long[...], layout: little64)
        #expect(try decoded.encode(layout: little64) == good)
    }

    @Test func anUnknownOperationKeepsItsBytes() throws {
        let unknown = packet(.unknown(operation: 11, bytes: bytes("0102030405060708")[...]))
        let encoded = try unknown.encode(layout: little64)
        #expect(encoded.count == 40)
        #expect(try LegacyPacket.decode(encoded[...], layout: little64) == unknown)
    }

    @Test func anUnknownOperationMayHaveNoBody() throws {
        let unknown = packet(.unknown(operation: 6, bytes: []))
        let encoded = try unknown.encode(layout: little64)
        #expect(encoded.count == 32)
        #expect(try LegacyPacket.decode(encoded[...], layout: little64) == unknown)
    }

    @Test func anUnknownBodyThatIsNotPaddedIsRefused() {
        let unknown = packet(.unknown(operation: 11, bytes: [1, 2, 3]))
        #expect(throws: WireError.self) { try unknown.encode(layout: little64) }
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 7, 8, 9, 10] as [UInt32])
    func anUnknownBodyCannotPassForAKnownOne(operation: UInt32) {
        let disguised = packet(.unknown(operation: operation, bytes: []))
        #expect(throws: WireError.self) { try disguised.encode(layout: little64) }
    }

    @Test func theLimitIsTheLargestPacketMade() throws {
        let body = LegacyPacket.Body.replyCall(
            ReplyCall(status: 0, data: [UInt8](repeating: 1, count: 60)[...]))
        #expect(try packet(body).encode(layout: little64, limit: 104).count == 104)
        #expect(throws: WireError.self) { try packet(body).encode(layout: little64, limit: 103) }
    }
}
