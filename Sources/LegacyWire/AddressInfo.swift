// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A public address with its mask and interfaces: the question of ADD_PUBLIC_IP, DEL_PUBLIC_IP and
/// SEND_GRATUITOUS_ARP.
///
/// - Shape: `SocketAddress`, mask, a 32-bit count, then so many bytes: the name and its NUL. No
///   padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`.
/// - Source: `struct ctdb_addr_info_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct AddressInfo: LegacyCoding, Hashable {
    /// The address.
    public var address: SocketAddress
    /// The number of bits that name the network.
    public var maskBits: UInt32
    /// The interface, or several with commas between them; nil when the count is 0.
    public var interface: String?

    /// Makes a value.
    public init(address: SocketAddress, maskBits: UInt32, interface: String?) {
        self.address = address
        self.maskBits = maskBits
        self.interface = interface
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let address = try SocketAddress.decode(from: &reader, layout: layout)
        let maskBits = try reader.readUInt32("mask", of: "AddressInfo")
        let interface = try reader.readOptionalCountedString("iface", of: "AddressInfo")
        return Self(address: address, maskBits: maskBits, interface: interface)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        address.encode(into: &writer, layout: layout)
        writer.write(maskBits)
        try writer.writeCounted(interface, "iface", of: "AddressInfo")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        36 &+ (interface.map { $0.utf8.count &+ 1 } ?? 0)
    }
}
