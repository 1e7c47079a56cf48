// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A sign of life between nodes.
///
/// A keepalive without these two fields, as before 4.7, makes the node that receives it shut down,
/// and so does one with another version from a peer that has run longer. A shorter one is
/// `LegacyPacket.Body.shortKeepalive`; none of them is written to be sent.
///
/// - Shape: 8 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_req_keepalive_old`, ctdb/include/ctdb_protocol.h;
///   ctdb/server/ctdb_keepalive.c, Samba 4.17.
public struct RequestKeepalive: LegacyCoding, Hashable {
    /// The size in bytes.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 8 }

    /// The major version of Samba in the upper 16 bits, the minor version in the lower ones.
    public var version: UInt32
    /// Seconds since the sender started.
    public var uptimeSeconds: UInt32

    /// Makes a sign of life.
    public init(version: UInt32, uptimeSeconds: UInt32) {
        self.version = version
        self.uptimeSeconds = uptimeSeconds
    }

    /// Reads the part of a packet behind its header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(
            version: try reader.readUInt32("version", of: "RequestKeepalive"),
            uptimeSeconds: try reader.readUInt32("uptime", of: "RequestKeepalive"))
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(version)
        writer.write(uptimeSeconds)
    }

    /// Always 8.
    public func byteCount(layout: LegacyLayout) -> Int { Self.fixedByteCount(layout: layout) }
}
