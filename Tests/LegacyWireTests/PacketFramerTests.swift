// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct PacketFramerTests {
    static let layout = LegacyLayout(byteOrder: .little, wordSize: .bits64)

    static func message(_ count: Int) throws -> [UInt8] {
        let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 &+ count) }
        return try RequestMessage.encodePacket(
            srvid: .tunnelNewProtocol, data: [data[...]], destination: PNN(rawValue: 1),
            layout: layout)
    }

    static func frame(_ chunks: [[UInt8]]) throws -> [[UInt8]] {
        var framer = PacketFramer(layout: layout)
        var packets: [[UInt8]] = []
        for chunk in chunks {
            framer.append(chunk)
            while let packet = try framer.next() { packets.append(Array(packet)) }
        }
        #expect(framer.bufferedByteCount == 0)
        return packets
    }

    @Test(arguments: [1, 2, 3, 7, 8, 31, 32, 33, 100, 4096, 1 << 20])
    func anyPiecesGiveTheSamePackets(size: Int) throws {
        let packets = try [0, 1, 4, 5, 100, 3, 2000, 0].map(Self.message)
        let stream = packets.flatMap { $0 }
        let chunks = stride(from: 0, to: stream.count, by: size).map {
            Array(stream[$0..<min($0 + size, stream.count)])
        }
        #expect(try Self.frame(chunks) == packets)
    }

    @Test func everySplitInTwoGivesTheSamePackets() throws {
        let packets = try [3, 0, 40].map(Self.message)
        let stream = packets.flatMap { $0 }
        for place in 0...stream.count {
            #expect(
                try Self.frame([Array(stream[..<place]), Array(stream[place...])]) == packets)
        }
    }

    @Test func appendingBeforeTakingLosesNothing() throws {
        let packets = try (0..<20).map(Self.message)
        var framer = PacketFramer(layout: Self.layout)
        for packet in packets { framer.append(packet) }
        var taken: [[UInt8]] = []
        while let packet = try framer.next() {
            taken.append(Array(packet))
            if taken.count == 1 { framer.append(packets[0]) }
        }
        #expect(taken == packets + [packets[0]])
    }

    @Test(arguments: [0, 1, 7, 31] as [UInt32])
    func lengthsBelowAHeaderEndTheStream(length: UInt32) throws {
        var bytes = try Self.message(8)
        let good = bytes
        bytes[0] = UInt8(length)
        var framer = PacketFramer(layout: Self.layout)
        framer.append(good + bytes + good)
        #expect(try framer.next().map(Array.init) == good)
        let expected = WireError(
            code: .invalidValue(UInt64(length)), type: "PacketFramer", field: "length", offset: 0)
        #expect(throws: expected) { try framer.next() }
        framer.append(good)
        #expect(throws: expected) { try framer.next() }
        #expect(framer.bufferedByteCount == 0)
    }

    // FACTS 6.1, 20: a header that announces 4 GiB.
    @Test func anEnormousLengthIsRefusedBeforeAnythingIsKept() throws {
        var bytes = try Self.message(8)
        bytes.replaceSubrange(0..<4, with: [0xFF, 0xFF, 0xFF, 0xFF])
        var framer = PacketFramer(layout: Self.layout)
        framer.append(bytes)
        #expect(throws: WireError.self) { try framer.next() }

        // Within the limit it is believed, but only what has arrived is kept.
        framer = PacketFramer(layout: Self.layout, maximumLength: .max)
        framer.append(bytes)
        #expect(try framer.next() == nil)
        #expect(framer.bufferedByteCount == bytes.count)
    }

    @Test func theLimitIsTheLargestLengthAccepted() throws {
        let bytes = try Self.message(20)
        var framer = PacketFramer(layout: Self.layout, maximumLength: bytes.count)
        framer.append(bytes)
        #expect(try framer.next().map(Array.init) == bytes)
        framer = PacketFramer(layout: Self.layout, maximumLength: bytes.count - 1)
        framer.append(bytes)
        #expect(throws: WireError.self) { try framer.next() }
    }

    @Test func unpaddedLengthsAreForTheLocalSocketOnly() throws {
        var bytes = try Self.message(3)
        bytes[0] = 47
        bytes.removeLast()
        #expect(try Self.frame([bytes, bytes]) == [bytes, bytes])
        var framer = PacketFramer(layout: Self.layout, alignment: .eight)
        framer.append(bytes)
        #expect(throws: WireError.self) { try framer.next() }
    }

    @Test func anotherProtocolIsNoticedAtOnce() throws {
        var bytes = try Self.message(3)
        bytes[5] = 0
        var framer = PacketFramer(layout: Self.layout)
        framer.append(Array(bytes[..<8]))
        #expect(throws: WireError.self) { try framer.next() }
    }

    @Test func bytesOfTheOtherOrderAreNoPackets() throws {
        var framer = PacketFramer(layout: LegacyLayout(byteOrder: .big, wordSize: .bits64))
        framer.append(try Self.message(3))
        #expect(throws: WireError.self) { try framer.next() }
    }
}
