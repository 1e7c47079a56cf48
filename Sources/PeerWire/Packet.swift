// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A header with its place among received bytes.
///
/// - Shape: 88 bytes of header, the payload, zero bytes up to a multiple of four.
/// - Errors: `.badMagic`, `.unsupportedVersion`, `.invalidValue` (a packet id of 0),
///   `.limitExceeded`, `.badChecksum`.
public struct Packet: Equatable, Sendable {
    /// The header; its lengths agree with each other and with the bytes.
    public var header: PacketHeader
    /// The whole packet as it came, header and padding included.
    public var bytes: ArraySlice<UInt8>

    /// The payload, without padding.
    public var payload: ArraySlice<UInt8> {
        bytes.dropFirst(Int(PeerProtocol.packetHeaderBytes)).prefix(Int(header.payloadLength))
    }

    /// Whether the packet travels in the urgent lane.
    public var isUrgent: Bool { header.flags & PeerProtocol.packetUrgent != 0 }

    /// Takes the first packet off `rest`; nil when nothing is left.
    ///
    /// The checksum is left to the one whom the packet is for: `verify()`.
    public static func takeFirst(
        from rest: inout ArraySlice<UInt8>
    ) throws(WireError) -> Packet? {
        guard !rest.isEmpty else { return nil }
        let type: StaticString = "Packet"
        var reader = ByteReader(rest, order: .big)
        let header = try PacketHeader.decode(from: &reader)
        guard header.magic == PeerProtocol.packetMagic else {
            throw WireError(
                code: .badMagic(header.magic), type: "Packet", field: "magic", offset: 0)
        }
        guard header.protocolVersion >> 16 == PeerProtocol.currentVersion >> 16 else {
            throw reader.error(
                .unsupportedVersion(header.protocolVersion), "protocol_version", of: type)
        }
        guard header.packetID != 0 else {
            throw reader.error(.invalidValue(0), "packet_id", of: type)
        }
        try checkLengths(header, reader)
        let padded = (Int(header.payloadLength) + 3) & ~3
        try reader.require(padded, "payload", of: type)
        let byteCount = Int(PeerProtocol.packetHeaderBytes) + padded
        let packet = Packet(header: header, bytes: rest.prefix(byteCount))
        rest = rest.dropFirst(byteCount)
        return packet
    }

    /// Takes off `rest` what `takeFirst` could not read.
    ///
    /// - Returns: its header and what its sender is to be told. Without a header there is no
    ///   telling whose it is, nor where it ends: the result is nil, and nothing is left of `rest`.
    public static func takeUnreadable(
        from rest: inout ArraySlice<UInt8>
    ) -> (header: PacketHeader, code: OutcomeCode)? {
        var reader = ByteReader(rest, order: .big)
        guard let header = try? PacketHeader.decode(from: &reader),
            header.magic == PeerProtocol.packetMagic,
            header.protocolVersion >> 16 == PeerProtocol.currentVersion >> 16
        else {
            rest = []
            return nil
        }
        let padded = (Int(header.payloadLength) + 3) & ~3
        rest = rest.dropFirst(Int(PeerProtocol.packetHeaderBytes) + padded)
        let isTooLarge =
            header.payloadLength > PeerProtocol.packetPayloadLimit
            || header.messageLength > PeerProtocol.messageLimit
        return (header, isTooLarge ? .tooLarge : .corrupt)
    }

    /// Throws `.badChecksum` when the bytes are not those that the sender wrote.
    public func verify() throws(WireError) {
        let computed = checksumSkippingField(bytes)
        guard computed == header.checksum else {
            throw WireError(
                code: .badChecksum(stated: header.checksum, computed: computed),
                type: "Packet", field: "checksum", offset: 4)
        }
    }

    /// Makes a packet's bytes; magic, version, payload length and checksum are set here.
    ///
    /// - Parameters:
    ///   - header: everything else.
    ///   - payload: at most `PeerProtocol.packetPayloadLimit` bytes; the rest is left out.
    /// - Returns: the packet, padded to a multiple of four.
    public static func encode(_ header: PacketHeader, payload: ArraySlice<UInt8>) -> [UInt8] {
        let payload = payload.prefix(Int(PeerProtocol.packetPayloadLimit))
        var header = header
        header.magic = PeerProtocol.packetMagic
        header.protocolVersion = PeerProtocol.currentVersion
        header.checksum = 0
        header.payloadLength = UInt32(payload.count)
        let padding = (4 - payload.count % 4) % 4
        var writer = ByteWriter(
            order: .big,
            capacity: Int(PeerProtocol.packetHeaderBytes) + payload.count + padding)
        header.encode(into: &writer)
        writer.write(contentsOf: payload)
        writer.writeZeros(padding)
        writer.patch(checksumSkippingField(writer.bytes[...]), at: 4)
        return writer.finish()
    }

    private static func checkLengths(
        _ header: PacketHeader, _ reader: borrowing ByteReader
    ) throws(WireError) {
        let payloadLimit = UInt64(PeerProtocol.packetPayloadLimit)
        guard UInt64(header.payloadLength) <= payloadLimit else {
            throw reader.error(
                .limitExceeded(value: UInt64(header.payloadLength), limit: payloadLimit),
                "payload_length", of: "Packet")
        }
        let messageLimit = UInt64(PeerProtocol.messageLimit)
        guard UInt64(header.messageLength) <= messageLimit else {
            throw reader.error(
                .limitExceeded(value: UInt64(header.messageLength), limit: messageLimit),
                "message_length", of: "Packet")
        }
        let end = UInt64(header.fragmentOffset) + UInt64(header.payloadLength)
        guard end <= UInt64(header.messageLength) else {
            throw reader.error(
                .limitExceeded(value: end, limit: UInt64(header.messageLength)),
                "fragment_offset", of: "Packet")
        }
    }
}

extension PacketHeader {
    /// Whether the packet asks for something new, rather than going on with what was begun.
    ///
    /// That is the first of a message or request, and the opening of a stream.
    public var beginsWork: Bool {
        switch kind {
        case .message, .request, .streamOpen: fragmentOffset == 0
        case .reply, .refusal, .streamData, .streamCredit, .streamEnd, .unknown: false
        }
    }
}
