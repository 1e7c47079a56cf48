// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A message to the one client of a node that is registered for a tunnel.
///
/// - Shape: 16 bytes, then the data; no padding.
/// - Errors: `.truncated`; `.limitExceeded` for data longer than the packet.
/// - Source: `struct ctdb_req_tunnel_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct RequestTunnel: LegacyCoding, Hashable {
    /// What the client library makes of a message.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits as they stand on the wire.
        public let rawValue: UInt32
        /// Makes flags from bits; unknown bits are kept.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// A question.
        public static let request = Flags(rawValue: 0x01)
        /// An answer.
        public static let reply = Flags(rawValue: 0x02)
        /// A question that wants no answer.
        public static let noReply = Flags(rawValue: 0x10)
    }

    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 16 }

    /// The number that both ends have registered.
    public var tunnel: UInt64
    /// What the client library makes of the message.
    public var flags: Flags
    /// The message.
    public var data: ArraySlice<UInt8>

    /// Makes a message.
    public init(tunnel: UInt64, flags: Flags, data: ArraySlice<UInt8>) {
        self.tunnel = tunnel
        self.flags = flags
        self.data = data
    }

    /// Reads the part of a packet behind its header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let tunnel = try reader.readUInt64("tunnel_id", of: "RequestTunnel")
        let flags = Flags(rawValue: try reader.readUInt32("flags", of: "RequestTunnel"))
        let count = try reader.readCount("datalen", of: "RequestTunnel")
        return Self(
            tunnel: tunnel, flags: flags,
            data: try reader.readCounted(count, "data", of: "RequestTunnel"))
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(tunnel)
        writer.write(flags.rawValue)
        try writer.writeCount(data.count, "datalen", of: "RequestTunnel")
        writer.write(contentsOf: data)
    }

    /// The fixed part and the data.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ data.count
    }
}
