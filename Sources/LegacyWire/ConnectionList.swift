// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Connections, as they stand in `TickleList` and in the client library.
///
/// - Shape: a 32-bit count, then so many times `TCPConnection`. No padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `ctdb_connection_list_push`, ctdb/protocol/protocol_types.c, Samba 4.17.
public struct ConnectionList: LegacyCoding, Hashable {
    /// The connections.
    public var connections: [TCPConnection]

    /// Makes a list.
    public init(connections: [TCPConnection]) { self.connections = connections }

    /// Reads a list.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let count = try reader.readCount(
            ofElementsOf: TCPConnection.byteCount, "num", of: "ConnectionList")
        var connections: [TCPConnection] = []
        connections.reserveCapacity(count)
        for _ in 0..<count {
            connections.append(try TCPConnection.decode(from: &reader, layout: layout))
        }
        return Self(connections: connections)
    }

    /// Appends the list.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCount(connections.count, "num", of: "ConnectionList")
        for connection in connections { connection.encode(into: &writer, layout: layout) }
    }

    /// The count and the connections.
    public func byteCount(layout: LegacyLayout) -> Int {
        4 &+ connections.count &* TCPConnection.byteCount
    }
}
