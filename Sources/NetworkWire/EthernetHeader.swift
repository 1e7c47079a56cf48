// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The header in front of every frame of Ethernet.
///
/// - Shape: destination and source, 48 bits each, then the protocol (16 bits), in network order.
/// - Errors: `.truncated`.
/// - Source: RFC 894.
public struct EthernetHeader: Equatable, Sendable {
    /// The number of ARP.
    public static let arp: UInt16 = 0x0806
    /// The number of IPv4.
    public static let ipv4: UInt16 = 0x0800
    /// The number of IPv6.
    public static let ipv6: UInt16 = 0x86DD
    /// The size in bytes.
    public static let byteCount = 14

    /// Whom the frame is for.
    public var destination: HardwareAddress
    /// Who sends it.
    public var source: HardwareAddress
    /// What is in it.
    public var type: UInt16

    /// Makes a header.
    public init(destination: HardwareAddress, source: HardwareAddress, type: UInt16) {
        self.destination = destination
        self.source = source
        self.type = type
    }

    /// Reads a header; the reader's order must be that of the network.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(byteCount, "header", of: "EthernetHeader")
        let destination = try HardwareAddress.decode(
            from: &reader, "destination", of: "EthernetHeader")
        let source = try HardwareAddress.decode(from: &reader, "source", of: "EthernetHeader")
        return Self(
            destination: destination, source: source,
            type: try reader.readUInt16("type", of: "EthernetHeader"))
    }

    /// Appends the header.
    public func encode(into writer: inout ByteWriter) {
        writer.write(contentsOf: destination.octets)
        writer.write(contentsOf: source.octets)
        writer.write(type)
    }
}

extension HardwareAddress {
    /// Reads six octets.
    static func decode(
        from reader: inout ByteReader, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Self {
        let octets = try reader.readBytes(6, field, of: type)
        return Self(rawValue: octets.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
