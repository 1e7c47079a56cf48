// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Testing
import Vocabulary
import XDR

/// One type of the protocol, as tests use it.
struct WireType: Sendable, CustomTestStringConvertible {
    /// As the `.x` files call it.
    let name: String
    /// Makes up a value and encodes it.
    let make: @Sendable (inout SplitMix) throws -> [UInt8]
    /// Decodes a value and encodes it again.
    let recode: @Sendable ([UInt8]) throws -> [UInt8]
    /// Whether bytes decode to the value that the numbers make up.
    let isMadeUp: @Sendable ([UInt8], inout SplitMix) throws -> Bool

    init<Value: XDRCodable & Equatable>(
        _ name: String, _ value: @escaping @Sendable (inout SplitMix) -> Value
    ) {
        self.name = name
        make = { random in try value(&random).encoded() }
        recode = { bytes in
            let value = try Value.decode(bytes[...])
            guard value.byteCount == bytes.count else { return [] }
            return try value.encoded()
        }
        isMadeUp = { bytes, random in try Value.decode(bytes[...]) == value(&random) }
    }

    var testDescription: String { name }

    /// In the order of `Interop/driver.c`.
    static let all = [
        WireType("address") { $0.address() },
        WireType("packet_header") { $0.packetHeader() },
        WireType("stream_open") { $0.streamOpen() },
        WireType("stream_credit") { $0.streamCredit() },
        WireType("stream_end") { $0.streamEnd() },
        WireType("refusal") { $0.refusal() },
        WireType("frame_header") { $0.frameHeader() },
        WireType("outcome") { $0.outcome() },
        WireType("hello") { $0.hello() },
        WireType("counter") { $0.counter() },
        WireType("counters_reply") { $0.countersReply() },
        WireType("peer_status") { $0.peerStatus() },
        WireType("peers_reply") { $0.peersReply() },
        WireType("versions_reply") { $0.versionsReply() },
    ]
}

@Suite struct GeneratedTypesTests {
    @Test(arguments: WireType.all)
    func madeUpValuesRoundTrip(type: WireType) throws {
        for seed in 0..<50 as Range<UInt64> {
            var random = SplitMix(state: seed)
            let bytes = try type.make(&random)
            #expect(try type.recode(bytes) == bytes)
            random = SplitMix(state: seed)
            #expect(try type.isMadeUp(bytes, &random))
        }
    }

    @Test(arguments: WireType.all)
    func everyTruncationIsAnError(type: WireType) throws {
        var random = SplitMix(state: 7)
        let bytes = try type.make(&random)
        for count in 0..<min(bytes.count, 2000) {
            #expect(throws: WireError.self) { try type.recode(Array(bytes[..<count])) }
        }
        #expect(throws: WireError.self) { try type.recode(bytes + [0]) }
    }

    /// What decodes has one encoding only, so that a checksum taken over it holds after a relay.
    @Test(arguments: WireType.all)
    func mutatedBytesGiveAnErrorOrTheSameBytes(type: WireType) throws {
        var random = SplitMix(state: 11)
        for _ in 0..<300 {
            var bytes = try type.make(&random)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            guard let again = try? type.recode(bytes) else { continue }
            #expect(again == bytes)
        }
    }

    @Test(arguments: WireType.all)
    func arbitraryBytesNeverTrap(type: WireType) {
        var random = SplitMix(state: 13)
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if let again = try? type.recode(bytes) { #expect(again == bytes) }
            _ = try? type.recode([UInt8](repeating: 0xFF, count: count))
            _ = try? type.recode([UInt8](repeating: 0, count: count))
        }
    }

    @Test func headersHaveTheSizesThatTheProtocolStates() {
        #expect(PacketHeader.byteCount == Int(PeerProtocol.packetHeaderBytes))
        #expect(FrameHeader.byteCount == Int(PeerProtocol.frameHeaderBytes))
        #expect(Outcome.byteCount == 56)
        #expect(Address.byteCount == 16)
    }

    /// Written by hand from packet.x.
    @Test func aPacketHeaderLiesAsItsDefinitionSays() throws {
        let words: [UInt32] = [
            0x5443_4C50, 0x0102_0304, 0x0001_0002, 2, 3, 9,  // magic to procedure
            1, 6, 0, 0x11, 2, 8, 0x22, 0,  // source, destination
            0, 77, 0, 88, 5000, 10, 20, 30,  // packet_id to message_length
        ]
        let bytes = words.flatMap { $0.encoded() }
        let header = PacketHeader(
            magic: PeerProtocol.packetMagic, checksum: 0x0102_0304, protocolVersion: 0x0001_0002,
            kind: .request, flags: PeerProtocol.packetUrgent | PeerProtocol.packetPrompt,
            procedure: 9,
            source: Address(
                node: PNN(rawValue: 1), service: .database, instance: Instance(rawValue: 0x11)),
            destination: Address(
                node: PNN(rawValue: 2), service: .echo, instance: Instance(rawValue: 0x22 << 32)),
            packetID: 77, replyTo: 88, deadlineMilliseconds: 5000, payloadLength: 10,
            fragmentOffset: 20, messageLength: 30)
        #expect(try PacketHeader.decode(bytes[...]) == header)
        #expect(header.encoded() == bytes)
    }

    @Test func aHeaderIsReadWithinALongerBuffer() throws {
        var random = SplitMix(state: 3)
        let (first, second) = (random.packetHeader(), random.packetHeader())
        var writer = ByteWriter(order: .big)
        writer.write(UInt32(1))
        first.encode(into: &writer)
        second.encode(into: &writer)
        let bytes = writer.finish()
        var reader = ByteReader(bytes[4...], order: .big)
        #expect(try PacketHeader.decode(from: &reader) == first)
        #expect(reader.offset == 88)
        #expect(try PacketHeader.decode(from: &reader) == second)
        #expect(
            throws: WireError(
                code: .truncated(needed: 88, available: 0), type: "PacketHeader", field: "magic",
                offset: 176)
        ) { _ = try PacketHeader.decode(from: &reader) }
    }

    @Test func limitsHoldInBothDirections() throws {
        let long = String(repeating: "x", count: 65)
        #expect(throws: WireError.self) { try Counter(name: long, value: 0).encoded() }
        let counter = Counter(name: "x", value: 0)
        let many = CountersReply(counters: [Counter](repeating: counter, count: 257))
        let error = #expect(throws: WireError.self) { try many.encoded() }
        #expect(error?.code == .limitExceeded(value: 257, limit: 256))
        var bytes = UInt32(257).encoded()
        for _ in 0..<257 { bytes += try counter.encoded() }
        #expect(
            throws: WireError(
                code: .limitExceeded(value: 257, limit: 256), type: "CountersReply",
                field: "counters", offset: 0)
        ) { try CountersReply.decode(bytes[...]) }
    }
}
