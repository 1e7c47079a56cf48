// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// An interface that public addresses can be on: the question of SET_IFACE_LINK_STATE, and an
/// element of `NetworkInterfaceList` and `PublicIPInfo`.
///
/// - Shape: the name in 18 bytes, NUL and what follows it included; link state (16 bits);
///   references (32 bits): 24 bytes, no padding.
/// - Errors: `.truncated`; `.badString` for a name that is not UTF-8; `.limitExceeded` when
///   written for a name of more than 17 bytes.
/// - Source: `struct ctdb_iface`, ctdb/protocol/protocol.h, Samba 4.17.
public struct NetworkInterface: LegacyCoding, Hashable {
    /// The size in bytes.
    static let byteCount = 24
    private static let nameByteCount = 18

    /// Its name.
    public var name: String
    /// 1 when its link is up, 0 when it is down.
    public var linkState: UInt16
    /// How many public addresses are on it now.
    public var references: UInt32

    /// Makes an interface.
    public init(name: String, linkState: UInt16, references: UInt32) {
        self.name = name
        self.linkState = linkState
        self.references = references
    }

    /// Reads an interface.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(
            name: try reader.readArrayString(nameByteCount, "name", of: "NetworkInterface"),
            linkState: try reader.readUInt16("link_state", of: "NetworkInterface"),
            references: try reader.readUInt32("references", of: "NetworkInterface"))
    }

    /// Appends the interface.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeArray(name, Self.nameByteCount, "name", of: "NetworkInterface")
        writer.write(linkState)
        writer.write(references)
    }

    /// Always 24.
    public func byteCount(layout: LegacyLayout) -> Int { Self.byteCount }
}
