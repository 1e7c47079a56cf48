// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A public address and the node that hosts it: the question of TAKEOVER_IP and RELEASE_IP, and the
/// data of a message to `SrvID.updateIP`.
///
/// - Shape: pnn, `SocketAddress`: 32 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_public_ip`, ctdb/protocol/protocol.h, Samba 4.17.
public struct PublicIP: LegacyCoding, Hashable {
    /// The node; `.unknown` when no node hosts it.
    public var pnn: PNN
    /// The address; its port is 0.
    public var address: SocketAddress

    /// The size in bytes.
    static let byteCount = 4 + SocketAddress.byteCount

    /// Makes a value.
    public init(pnn: PNN, address: SocketAddress) {
        self.pnn = pnn
        self.address = address
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let pnn = PNN(rawValue: try reader.readUInt32("pnn", of: "PublicIP"))
        let address = try SocketAddress.decode(from: &reader, layout: layout)
        return Self(pnn: pnn, address: address)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(pnn.rawValue)
        address.encode(into: &writer, layout: layout)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 32 }
}
