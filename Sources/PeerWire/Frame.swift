// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Checksum

/// What one hop carries at a time: header, hello or outcomes, packets.
///
/// - Shape: 80 bytes of header; a `Hello`, or 56 bytes for each outcome; packets to the end.
/// - Errors: `.badMagic`, `.badChecksum`, `.limitExceeded`, and what the parts throw.
public struct Frame: Equatable, Sendable {
    /// What the frame carries beside packets.
    public enum Body: Equatable, Sendable {
        /// A greeting; such a frame has no packets.
        case hello(Hello)
        /// What became of packets that the receiver sent.
        case outcomes([Outcome])
    }

    /// The header; magic, checksum and lengths are right.
    public var header: FrameHeader
    /// The hello or the outcomes.
    public var body: Body
    /// The packets, one behind the other, not looked into.
    public var packets: ArraySlice<UInt8>

    /// Whether a flag is set.
    public func has(_ flag: UInt32) -> Bool { header.flags & flag != 0 }

    /// Reads a whole frame; the packets are not looked into.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Frame {
        let type: StaticString = "Frame"
        var reader = ByteReader(bytes, order: .big)
        guard bytes.count <= Int(PeerProtocol.frameLimit) else {
            throw reader.error(
                .limitExceeded(
                    value: UInt64(bytes.count), limit: UInt64(PeerProtocol.frameLimit)),
                "frame", of: type)
        }
        let header = try FrameHeader.decode(from: &reader)
        guard header.magic == PeerProtocol.frameMagic else {
            throw WireError(
                code: .badMagic(header.magic), type: "Frame", field: "magic", offset: 0)
        }
        let packetByteCount = Int(header.packetBytes)
        guard packetByteCount <= reader.available else {
            throw reader.error(
                .truncated(needed: packetByteCount, available: reader.available),
                "packet_bytes", of: type)
        }
        let front = bytes.dropLast(packetByteCount)
        try checkFront(front, stated: header.checksum)
        let body: Body
        if header.flags & PeerProtocol.frameHello != 0 {
            body = .hello(try Hello.decode(from: &reader))
        } else {
            body = .outcomes(try decodeOutcomes(header.outcomeCount, from: &reader))
        }
        guard reader.available == packetByteCount else {
            throw reader.error(
                .trailingBytes(reader.available - packetByteCount), "packets", of: type)
        }
        return Frame(header: header, body: body, packets: bytes.suffix(packetByteCount))
    }

    /// The bytes in front of the packets, with lengths and checksum set.
    ///
    /// - Parameters:
    ///   - header: magic, checksum, `packetBytes` and `outcomeCount` in it are set anew.
    ///   - body: what follows the header.
    ///   - packetByteCount: how many bytes of packets will follow.
    ///   - room: how many bytes to make room for behind the front.
    /// - Returns: header and body.
    public static func encodeFront(
        header: FrameHeader, body: Body, packetByteCount: Int, room: Int
    ) -> [UInt8] {
        var header = header
        header.magic = PeerProtocol.frameMagic
        header.checksum = 0
        header.packetBytes = UInt32(clamping: packetByteCount)
        var writer = ByteWriter(order: .big, capacity: Int(PeerProtocol.frameHeaderBytes) + room)
        switch body {
        case .hello(var hello):
            header.outcomeCount = 0
            header.encode(into: &writer)
            // A name that is too long is cut, so that the hello can always be written.
            hello.software = String(hello.software.unicodeScalars.prefix(16))
            writer.write(contentsOf: (try? hello.encoded()) ?? [])
        case .outcomes(let outcomes):
            header.outcomeCount = UInt32(clamping: outcomes.count)
            header.encode(into: &writer)
            for outcome in outcomes { outcome.encode(into: &writer) }
        }
        var checksum = CRC32C()
        checksum.update(writer.bytes[...])
        writer.patch(checksum.value, at: checksumOffset)
        return writer.finish()
    }

    private static let checksumOffset = 4

    private static func decodeOutcomes(
        _ count: UInt32, from reader: inout ByteReader
    ) throws(WireError) -> [Outcome] {
        guard count <= PeerProtocol.frameOutcomesLimit else {
            throw reader.error(
                .limitExceeded(
                    value: UInt64(count), limit: UInt64(PeerProtocol.frameOutcomesLimit)),
                "outcome_count", of: "Frame")
        }
        try reader.require(Int(count) * Outcome.byteCount, "outcomes", of: "Frame")
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(Int(count))
        for _ in 0..<count { outcomes.append(try Outcome.decode(from: &reader)) }
        return outcomes
    }

    private static func checkFront(
        _ front: ArraySlice<UInt8>, stated: UInt32
    ) throws(WireError) {
        let computed = checksumSkippingField(front)
        guard computed == stated else {
            throw WireError(
                code: .badChecksum(stated: stated, computed: computed),
                type: "Frame", field: "checksum", offset: checksumOffset)
        }
    }
}

/// The CRC-32C of bytes whose own checksum field, four bytes at offset 4, counts as zero.
func checksumSkippingField(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    CRC32C.checksum(of: bytes, zeroingField: 4)
}
