// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The public addresses that a node knows: the answer to GET_PUBLIC_IPS.
///
/// - Shape: a 32-bit count, so many times `PublicIP`.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_public_ip_list_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct PublicIPList: LegacyCoding, Hashable {
    /// The addresses, the last one of the file first.
    public var addresses: [PublicIP]

    /// Makes a list.
    public init(addresses: [PublicIP]) { self.addresses = addresses }

    /// Reads a list.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let count = try reader.readCount(
            ofElementsOf: PublicIP.byteCount, "num", of: "PublicIPList")
        var addresses: [PublicIP] = []
        addresses.reserveCapacity(count)
        for _ in 0..<count {
            addresses.append(try PublicIP.decode(from: &reader, layout: layout))
        }
        return Self(addresses: addresses)
    }

    /// Appends the list.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCount(addresses.count, "num", of: "PublicIPList")
        for address in addresses { address.encode(into: &writer, layout: layout) }
    }

    /// The count and the addresses.
    public func byteCount(layout: LegacyLayout) -> Int {
        4 &+ addresses.count &* PublicIP.byteCount
    }
}
