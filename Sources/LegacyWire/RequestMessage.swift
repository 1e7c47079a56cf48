// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A message to every client of a node that is registered for a srvid.
///
/// - Shape: 12 bytes, then the data; no padding.
/// - Errors: `.truncated`; `.limitExceeded` for data longer than the packet.
/// - Source: `struct ctdb_req_message_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct RequestMessage: LegacyCoding, Hashable {
    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 12 }

    /// Who is registered for it gets the message.
    public var srvid: SrvID
    /// The message.
    public var data: ArraySlice<UInt8>

    /// Makes a message.
    public init(srvid: SrvID, data: ArraySlice<UInt8>) {
        self.srvid = srvid
        self.data = data
    }

    /// Reads the part of a packet behind its header; the data shares the reader's storage.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "RequestMessage"))
        let count = try reader.readCount("datalen", of: "RequestMessage")
        return Self(
            srvid: srvid, data: try reader.readCounted(count, "data", of: "RequestMessage"))
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(srvid.rawValue)
        try writer.writeCount(data.count, "datalen", of: "RequestMessage")
        writer.write(contentsOf: data)
    }

    /// The fixed part and the data.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ data.count
    }
}

extension RequestMessage {
    /// A whole packet around data that lies in pieces: one allocation, one copy of each byte.
    ///
    /// - Parameters: as for `encodePieces`.
    /// - Returns: the packet, padded to 8 bytes.
    /// - Throws: `.limitExceeded` when the packet would be larger than `limit`.
    public static func encodePacket(
        srvid: SrvID, data: [ArraySlice<UInt8>], destination: PNN,
        source: PNN = .unknown, generation: Generation = .invalid,
        layout: LegacyLayout = .native, limit: Int = LegacyPacket.defaultLimit
    ) throws(WireError) -> [UInt8] {
        let pieces = try encodePieces(
            srvid: srvid, data: data, destination: destination, source: source,
            generation: generation, layout: layout, limit: limit)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
        for piece in pieces { bytes.append(contentsOf: piece) }
        return bytes
    }

    /// A whole packet around data that lies in pieces, which are not copied.
    ///
    /// - Parameters:
    ///   - srvid: who is registered for it gets the message.
    ///   - data: the pieces, which follow each other without a gap.
    ///   - destination: a node or a group of nodes.
    ///   - source: the sender's node; ctdbd does not look at it when a client sends.
    ///   - generation: the sender's generation; ctdbd does not look at it in messages.
    ///   - layout: the layout of the ctdbd that reads the packet.
    ///   - limit: the largest packet to make, in bytes.
    /// - Returns: the packet in pieces to be sent one behind the other, padded to 8 bytes.
    /// - Throws: `.limitExceeded` when the packet would be larger than `limit`.
    public static func encodePieces(
        srvid: SrvID, data: [ArraySlice<UInt8>], destination: PNN,
        source: PNN = .unknown, generation: Generation = .invalid,
        layout: LegacyLayout = .native, limit: Int = LegacyPacket.defaultLimit
    ) throws(WireError) -> [ArraySlice<UInt8>] {
        var dataCount = 0
        for piece in data {
            // A sum past the limit is refused at once, so it never comes near overflow.
            dataCount &+= piece.count
            try LegacyPacket.check(dataCount, limit: limit)
        }
        let fixed = PacketHeader.byteCount &+ fixedByteCount(layout: layout)
        // As in every packet, room for one byte is left behind the fixed part.
        let length = try LegacyPacket.paddedLength(
            fixed: fixed, variable: max(dataCount, 1), limit: limit)
        // A small first piece is copied behind the header, so that there is one piece less.
        let first = data.first ?? []
        let joins = first.count < 8_192
        let padding = length &- fixed &- dataCount
        let isWhole = data.count == 1 && joins
        var writer = layout.writer(capacity: fixed &+ (joins ? first.count &+ 8 : 0))
        PacketHeader(
            length: UInt32(truncatingIfNeeded: length), generation: generation,
            operation: .requestMessage, destination: destination, source: source,
            reqid: Reqid(rawValue: 0)
        ).encode(into: &writer, layout: layout)
        writer.write(srvid.rawValue)
        writer.write(UInt32(truncatingIfNeeded: dataCount))
        if joins { writer.write(contentsOf: first) }
        if isWhole { writer.writeZeros(padding) }
        var pieces: [ArraySlice<UInt8>] = [writer.finish()[...]]
        pieces += data.dropFirst(joins ? 1 : 0)
        if !isWhole, padding > 0 { pieces.append([UInt8](repeating: 0, count: padding)[...]) }
        return pieces
    }
}
