// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The interfaces that public addresses can be on: the answer to GET_IFACES.
///
/// - Shape: a 32-bit count, so many times `NetworkInterface`.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`.
/// - Source: `struct ctdb_iface_list_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct NetworkInterfaceList: LegacyCoding, Hashable {
    /// The interfaces.
    public var interfaces: [NetworkInterface]

    /// Makes a list.
    public init(interfaces: [NetworkInterface]) { self.interfaces = interfaces }

    /// Reads a list.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let count = try reader.readCount(
            ofElementsOf: NetworkInterface.byteCount, "num", of: "NetworkInterfaceList")
        var interfaces: [NetworkInterface] = []
        interfaces.reserveCapacity(count)
        for _ in 0..<count {
            interfaces.append(try NetworkInterface.decode(from: &reader, layout: layout))
        }
        return Self(interfaces: interfaces)
    }

    /// Appends the list.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCount(interfaces.count, "num", of: "NetworkInterfaceList")
        for interface in interfaces { try interface.encode(into: &writer, layout: layout) }
    }

    /// The count and the interfaces.
    public func byteCount(layout: LegacyLayout) -> Int {
        4 &+ interfaces.count &* NetworkInterface.byteCount
    }
}
