// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A TCP connection to a public address: the question of TCP_CLIENT, TCP_ADD,
/// TCP_ADD_DELAYED_UPDATE, TCP_REMOVE and others.
///
/// The two ends have other names where it matters which one is the public address; see
/// `TickleList`.
///
/// - Shape: twice `SocketAddress`: 56 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_connection`, ctdb/protocol/protocol.h, Samba 4.17.
public struct TCPConnection: LegacyCoding, Hashable {
    /// One end, also called the server's.
    public var source: SocketAddress
    /// The other end, also called the client's.
    public var destination: SocketAddress

    /// The size in bytes.
    static let byteCount = 2 * SocketAddress.byteCount

    /// Makes a value.
    public init(source: SocketAddress, destination: SocketAddress) {
        self.source = source
        self.destination = destination
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let source = try SocketAddress.decode(from: &reader, layout: layout)
        let destination = try SocketAddress.decode(from: &reader, layout: layout)
        return Self(source: source, destination: destination)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        source.encode(into: &writer, layout: layout)
        destination.encode(into: &writer, layout: layout)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 56 }
}
