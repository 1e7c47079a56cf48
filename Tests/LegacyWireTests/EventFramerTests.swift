// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct EventFramerTests {
    static func packets(layout: LegacyLayout) throws -> [[UInt8]] {
        var generator = SeededGenerator(seed: 0x7AB1_EC31)
        var result: [[UInt8]] = []
        for _ in 0..<8 {
            for reply in generator.eventReplies() {
                result.append(
                    try EventPacket(reqid: generator.reqid(), body: reply).encode(layout: layout))
            }
        }
        return result
    }

    @Test(arguments: LegacyLayout.all, [1, 7, 64, 1 << 20])
    func packetsComeWholeInAnyPieces(layout: LegacyLayout, size: Int) throws {
        let packets = try Self.packets(layout: layout)
        let stream = packets.flatMap { $0 }
        var framer = EventFramer(layout: layout)
        var taken: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            framer.append(stream[start..<min(start + size, stream.count)])
            while let packet = try framer.next() { taken.append(Array(packet)) }
        }
        #expect(taken == packets)
        #expect(framer.pendingByteCount == 0)
    }

    // FACTS 6.1, 20: a length that was only stated reserves nothing.
    @Test(arguments: [0, 1, 11, 65, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func lengthsThatCannotBeAreRefused(length: UInt32) throws {
        var framer = EventFramer(layout: little64, maximumLength: 64)
        framer.append(patched([0, 0, 0, 0, 0, 0], at: 0, to: length))
        #expect(throws: WireError.self) { try framer.next() }
    }

    @Test func aPacketOfTheGreatestLengthComes() throws {
        var framer = EventFramer(layout: little64, maximumLength: 64)
        framer.append(patched([UInt8](repeating: 7, count: 63), at: 0, to: 64))
        #expect(try framer.next() == nil)
        framer.append([7])
        #expect(try framer.next()?.count == 64)
    }
}
