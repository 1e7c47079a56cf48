// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// The fixed part in front of every legacy packet.
///
/// - Shape: 32 bytes; eight unsigned 32-bit fields, no padding; the same in every word size.
/// - Units: `length` counts bytes, this header included.
/// - Errors: `.truncated`; `.badMagic`, or `.otherByteOrder` when only the layout is wrong;
///   `.unsupportedVersion`; `.invalidValue` for a length that is smaller than the header.
/// - Source: `struct ctdb_req_header`, ctdb/protocol/protocol.h, Samba 4.17.
public struct PacketHeader: LegacyCoding, Hashable {
    /// The size of the header in bytes.
    public static let byteCount = 32
    /// What every packet has in its second field.
    public static let magic: UInt32 = 0x4354_4442
    /// The only version of the protocol there has been.
    public static let version: UInt32 = 1

    /// The size of the packet in bytes.
    public var length: UInt32
    /// The instance of the cluster that the sender was in.
    public var generation: Generation
    /// What the packet asks or answers.
    public var operation: Operation
    /// The node, or group of nodes, that it is for.
    public var destination: PNN
    /// The node that it is from.
    public var source: PNN
    /// Pairs an answer with its question.
    public var reqid: Reqid

    /// Makes a header.
    public init(
        length: UInt32, generation: Generation, operation: Operation,
        destination: PNN, source: PNN, reqid: Reqid
    ) {
        self.length = length
        self.generation = generation
        self.operation = operation
        self.destination = destination
        self.source = source
        self.reqid = reqid
    }

    /// Reads a header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let start = reader.offset
        try reader.require(byteCount, "length", of: "PacketHeader")
        let length = try reader.readUInt32("length", of: "PacketHeader")
        let magic = try reader.readUInt32("magic", of: "PacketHeader")
        guard magic != Self.magic.byteSwapped else {
            throw headerError(.otherByteOrder, "magic", at: start &+ 4)
        }
        guard length >= UInt32(byteCount) else {
            throw headerError(.invalidValue(UInt64(length)), "length", at: start)
        }
        guard magic == Self.magic else {
            throw headerError(.badMagic(magic), "magic", at: start &+ 4)
        }
        let version = try reader.readUInt32("version", of: "PacketHeader")
        guard version == Self.version else {
            throw headerError(.unsupportedVersion(version), "version", at: start &+ 8)
        }
        return Self(
            length: length,
            generation: Generation(
                rawValue: try reader.readUInt32("generation", of: "PacketHeader")),
            operation: Operation(
                rawValue: try reader.readUInt32("operation", of: "PacketHeader")),
            destination: PNN(rawValue: try reader.readUInt32("destnode", of: "PacketHeader")),
            source: PNN(rawValue: try reader.readUInt32("srcnode", of: "PacketHeader")),
            reqid: Reqid(rawValue: try reader.readUInt32("reqid", of: "PacketHeader")))
    }

    /// Appends the header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(length)
        writer.write(Self.magic)
        writer.write(Self.version)
        writer.write(generation.rawValue)
        writer.write(operation.rawValue)
        writer.write(destination.rawValue)
        writer.write(source.rawValue)
        writer.write(reqid.rawValue)
    }

    /// Always 32.
    public func byteCount(layout: LegacyLayout) -> Int { Self.byteCount }

    private static func headerError(
        _ code: WireError.Code, _ field: String, at offset: Int
    ) -> WireError {
        WireError(code: code, type: "PacketHeader", field: field, offset: offset)
    }
}
