// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The connections of a public address that a takeover tickles: the question of
/// SET_TCP_TICKLE_LIST and the answer to GET_TCP_TICKLE_LIST.
///
/// - Shape: `SocketAddress`, `ConnectionList`. No padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_tickle_list_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct TickleList: LegacyCoding, Hashable {
    /// The public address; with a port, only connections to it are meant.
    public var address: SocketAddress
    /// The connections; their source is the client, their destination the public address.
    public var connections: [TCPConnection]

    /// Makes a list.
    public init(address: SocketAddress, connections: [TCPConnection]) {
        self.address = address
        self.connections = connections
    }

    /// Reads a list.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(
            address: try SocketAddress.decode(from: &reader, layout: layout),
            connections: try ConnectionList.decode(from: &reader, layout: layout).connections)
    }

    /// Appends the list.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        address.encode(into: &writer, layout: layout)
        try ConnectionList(connections: connections).encode(into: &writer, layout: layout)
    }

    /// The address, the count and the connections.
    public func byteCount(layout: LegacyLayout) -> Int {
        SocketAddress.byteCount &+ 4 &+ connections.count &* TCPConnection.byteCount
    }
}
