// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A whole legacy packet.
///
/// The header's length and operation, and the lengths inside the body, follow from the values: a
/// packet that lies about itself cannot be written.
///
/// - Shape: `PacketHeader`, the body, zeros up to a multiple of 8. As ctdbd does, room for at least
///   one byte is left behind a body's fixed part. Bytes behind a body are ignored when read.
/// - Errors: those of the header and the bodies; `.truncated` and `.trailingBytes` when the bytes
///   are not as many as the header says; when written, `.limitExceeded` for a packet over the
///   limit and `.invalidValue` for a sign of life, and for an `.unknown` body that is none or is
///   not padded.
/// - Source: ctdb/protocol/protocol.h, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct LegacyPacket: Equatable, Sendable {
    /// What follows the header.
    public enum Body: Equatable, Sendable {
        /// Run a function on a record.
        case requestCall(RequestCall)
        /// The result of a call.
        case replyCall(ReplyCall)
        /// Give a record to another node.
        case requestDmaster(RequestDmaster)
        /// A record and its ownership.
        case replyDmaster(ReplyDmaster)
        /// A call or a change of ownership failed.
        case replyError(ReplyError)
        /// A message for a srvid.
        case requestMessage(RequestMessage)
        /// A control.
        case requestControl(RequestControl)
        /// The result of a control.
        case replyControl(ReplyControl)
        /// A sign of life.
        case requestKeepalive(RequestKeepalive)
        /// A sign of life without all of its fields, as before 4.7.
        case shortKeepalive(ArraySlice<UInt8>)
        /// A message for a tunnel.
        case requestTunnel(RequestTunnel)
        /// A body of an operation that no release defines.
        case unknown(operation: UInt32, bytes: ArraySlice<UInt8>)
    }

    /// The largest packet that is written unless the caller says otherwise: 256 MiB.
    public static let defaultLimit = 256 << 20
    /// Every packet is padded to a multiple of so many bytes.
    public static let alignment = 8

    /// The instance of the cluster that the sender was in.
    public var generation: Generation
    /// The node, or group of nodes, that it is for.
    public var destination: PNN
    /// The node that it is from.
    public var source: PNN
    /// Pairs an answer with its question.
    public var reqid: Reqid
    /// What follows the header.
    public var body: Body

    /// Makes a packet.
    public init(
        generation: Generation = .invalid, destination: PNN, source: PNN = .unknown,
        reqid: Reqid, body: Body
    ) {
        self.generation = generation
        self.destination = destination
        self.source = source
        self.reqid = reqid
        self.body = body
    }

    /// What the packet asks or answers.
    public var operation: Operation { body.operation }

    /// Reads one whole packet, for example from a `PacketFramer`.
    ///
    /// - Parameters:
    ///   - bytes: the packet, all of it and nothing else.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: the packet; its keys and data share the storage of `bytes`.
    /// - Throws: `WireError` when the bytes are no packet.
    public static func decode(
        _ bytes: ArraySlice<UInt8>, layout: LegacyLayout
    ) throws(WireError) -> LegacyPacket {
        var reader = layout.reader(over: bytes)
        let header = try PacketHeader.decode(from: &reader, layout: layout)
        let rest = Int(truncatingIfNeeded: header.length) &- PacketHeader.byteCount
        try reader.require(rest, "body", of: "LegacyPacket")
        guard reader.available == rest else {
            throw reader.error(
                .trailingBytes(reader.available &- rest), "body", of: "LegacyPacket")
        }
        return LegacyPacket(
            generation: header.generation, destination: header.destination,
            source: header.source, reqid: header.reqid,
            body: try Body.decode(header.operation, from: &reader, layout: layout))
    }

    /// The packet as bytes, to be sent.
    ///
    /// A sign of life is refused: some make the ctdbd that gets them shut down, and which do is
    /// up to the versions and ages of both.
    ///
    /// - Parameters:
    ///   - layout: the layout of the machine that will read it.
    ///   - limit: the largest packet to make, in bytes.
    /// - Returns: the packet, padded to 8 bytes.
    /// - Throws: `.limitExceeded` for a packet over the limit; `.invalidValue` for a sign of life,
    ///   and for an `.unknown` body whose operation is a known one, or whose bytes are not padded
    ///   to 8.
    public func encode(
        layout: LegacyLayout, limit: Int = LegacyPacket.defaultLimit
    ) throws(WireError) -> [UInt8] {
        try body.checkSendable()
        return try encodeAsSeen(layout: layout, limit: limit)
    }

    /// The packet as bytes, for a file or to be compared, never to be sent.
    ///
    /// - Parameters:
    ///   - layout: the layout of the machine that wrote it.
    ///   - limit: the largest packet to make, in bytes.
    /// - Returns: the packet, padded to 8 bytes.
    /// - Throws: `.limitExceeded` for a packet over the limit.
    public func encodeAsSeen(
        layout: LegacyLayout, limit: Int = LegacyPacket.defaultLimit
    ) throws(WireError) -> [UInt8] {
        let byteCount = body.byteCount(layout: layout)
        let minimum = body.minimumByteCount(layout: layout)
        let length = try Self.paddedLength(
            fixed: PacketHeader.byteCount, variable: max(byteCount, minimum), limit: limit)
        var writer = layout.writer(capacity: length)
        PacketHeader(
            length: UInt32(truncatingIfNeeded: length), generation: generation,
            operation: operation, destination: destination, source: source, reqid: reqid
        ).encode(into: &writer, layout: layout)
        try body.encode(into: &writer, layout: layout)
        writer.writeZeros(length &- writer.count)
        return writer.finish()
    }

    /// Throws unless a number of bytes is within a limit, and within what 32 bits can say.
    static func check(_ byteCount: Int, limit: Int) throws(WireError) {
        let limit = min(limit, Int(clamping: UInt32.max) &- (alignment &- 1))
        guard byteCount >= 0, byteCount <= limit else {
            throw WireError(
                code: .limitExceeded(
                    value: UInt64(clamping: byteCount), limit: UInt64(clamping: limit)),
                type: "LegacyPacket", field: "length", offset: 0)
        }
    }

    /// The length of a packet of two parts, padded.
    static func paddedLength(fixed: Int, variable: Int, limit: Int) throws(WireError) -> Int {
        try check(variable, limit: limit)
        let length = fixed &+ variable
        let padded = (length &+ (alignment &- 1)) & ~(alignment &- 1)
        try check(padded, limit: limit)
        return padded
    }
}
