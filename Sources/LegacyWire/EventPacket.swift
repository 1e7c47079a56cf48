// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A packet on the event daemon's socket: `EventRequest` to it, `EventReply` from it.
///
/// The version is 0 on the wire although the header of 4.17 defines 1; nobody reads it.
///
/// - Shape: the length of everything, the version, reqid, each 32 bits; then the body. No padding.
/// - Errors: `.truncated`; `.invalidValue` for a length that is not that of the packet; those of
///   the body.
/// - Source: `struct ctdb_event_header`, ctdb/event/event_protocol.h, Samba 4.17.
public struct EventPacket<Body: LegacyCoding & Hashable>: Hashable, Sendable {
    /// The version of the protocol.
    public var version: UInt32
    /// Pairs an answer with its request.
    public var reqid: Reqid
    /// The command or the answer.
    public var body: Body

    /// Makes a packet.
    public init(version: UInt32 = 0, reqid: Reqid, body: Body) {
        self.version = version
        self.reqid = reqid
        self.body = body
    }

    /// Reads a packet.
    ///
    /// - Parameters:
    ///   - packet: the whole packet, as `EventFramer` gives it.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: the packet.
    /// - Throws: `WireError` when the bytes are no such packet.
    public static func decode(
        _ packet: ArraySlice<UInt8>, layout: LegacyLayout
    ) throws(WireError) -> Self {
        var reader = layout.reader(over: packet)
        let length = try reader.readUInt32("length", of: "EventPacket")
        guard UInt64(length) <= UInt64(packet.count) else {
            throw WireError(
                code: .truncated(
                    needed: Int(truncatingIfNeeded: length), available: packet.count),
                type: "EventPacket", field: "length", offset: 0)
        }
        guard Int(truncatingIfNeeded: length) == packet.count else {
            throw WireError(
                code: .invalidValue(UInt64(length)), type: "EventPacket", field: "length",
                offset: 0)
        }
        let version = try reader.readUInt32("version", of: "EventPacket")
        let reqid = Reqid(rawValue: try reader.readUInt32("reqid", of: "EventPacket"))
        return Self(
            version: version, reqid: reqid,
            body: try Body.decode(from: &reader, layout: layout))
    }

    /// The packet as bytes.
    ///
    /// - Parameter layout: the layout of the machine that will read it.
    /// - Returns: the whole packet.
    /// - Throws: `WireError` when a string cannot be expressed.
    public func encode(layout: LegacyLayout) throws(WireError) -> [UInt8] {
        let count = EventFramer.headerByteCount &+ body.byteCount(layout: layout)
        var writer = layout.writer(capacity: count)
        try writer.writeCount(count, "length", of: "EventPacket")
        writer.write(version)
        writer.write(reqid.rawValue)
        try body.encode(into: &writer, layout: layout)
        return writer.finish()
    }
}
