// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// One public address and the interfaces that it can be on: the answer to GET_PUBLIC_IP_INFO.
///
/// - Shape: `PublicIP`, the index of an interface, `NetworkInterfaceList`.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`.
/// - Source: `struct ctdb_public_ip_info_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct PublicIPInfo: LegacyCoding, Hashable {
    /// The index that no interface has.
    public static let noInterface: UInt32 = .max

    /// The address and the node that hosts it.
    public var publicIP: PublicIP
    /// The index of the interface that it is on now, or `noInterface`.
    public var activeIndex: UInt32
    /// The interfaces that it can be on.
    public var interfaces: [NetworkInterface]

    /// Makes an answer.
    public init(publicIP: PublicIP, activeIndex: UInt32, interfaces: [NetworkInterface]) {
        self.publicIP = publicIP
        self.activeIndex = activeIndex
        self.interfaces = interfaces
    }

    /// Reads an answer.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(
            publicIP: try PublicIP.decode(from: &reader, layout: layout),
            activeIndex: try reader.readUInt32("active_idx", of: "PublicIPInfo"),
            interfaces: try NetworkInterfaceList.decode(from: &reader, layout: layout).interfaces)
    }

    /// Appends the answer.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        publicIP.encode(into: &writer, layout: layout)
        writer.write(activeIndex)
        try NetworkInterfaceList(interfaces: interfaces).encode(into: &writer, layout: layout)
    }

    /// The address, the index, the count and the interfaces.
    public func byteCount(layout: LegacyLayout) -> Int {
        PublicIP.byteCount &+ 8 &+ interfaces.count &* NetworkInterface.byteCount
    }
}
