// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// An address as the C library has it.
///
/// - Shape: 28 bytes, the size of the largest member of the union: family (16 bits, host order),
///   port (network order); then for IPv4 the address and 20 bytes of padding, for IPv6 the flow
///   label (network order), the address and the scope (host order).
/// - Errors: `.truncated`.
/// - Source: `ctdb_sock_addr`, ctdb/protocol/protocol.h, Samba 4.17; `struct sockaddr_in` and
///   `struct sockaddr_in6` with the families of Linux.
public enum SocketAddress: LegacyCoding, Hashable {
    /// An address of another family, byte for byte.
    public struct Opaque: Hashable, Sendable {
        /// The number of the family.
        public let family: UInt16
        /// The 26 bytes behind the family.
        public let bytes: [UInt8]

        /// Makes an address; the bytes are cut or filled with 0 to 26.
        public init(family: UInt16, bytes: ArraySlice<UInt8>) {
            self.family = family
            let used = bytes.prefix(26)
            self.bytes = Array(used) + [UInt8](repeating: 0, count: 26 &- used.count)
        }
    }

    /// The size of the union in bytes.
    public static let byteCount = 28
    private static let familyIPv4: UInt16 = 2
    private static let familyIPv6: UInt16 = 10

    /// An IPv4 address; the first octet is in the highest bits.
    case ipv4(address: UInt32, port: UInt16)
    /// An IPv6 address; the first octet is in the highest bits of `high`.
    case ipv6(high: UInt64, low: UInt64, port: UInt16, flow: UInt32, scope: UInt32)
    /// Another family.
    case other(Opaque)

    /// The octets of an IPv4 or IPv6 address in network order, empty for another family.
    public var octets: [UInt8] {
        var writer = ByteWriter(order: .big, capacity: 16)
        switch self {
        case .ipv4(let address, _):
            writer.write(address)
        case .ipv6(let high, let low, _, _, _):
            writer.write(high)
            writer.write(low)
        case .other: break
        }
        return writer.finish()
    }

    /// Reads an address.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        try reader.require(byteCount, "sockaddr", of: "SocketAddress")
        let family = try reader.readUInt16("family", of: "SocketAddress")
        let rest = try reader.readBytes(byteCount &- 2, "sockaddr", of: "SocketAddress")
        var inner = ByteReader(rest, order: .big)
        switch family {
        case familyIPv4:
            let port = try inner.readUInt16("port", of: "SocketAddress")
            return .ipv4(
                address: try inner.readUInt32("address", of: "SocketAddress"), port: port)
        case familyIPv6:
            let port = try inner.readUInt16("port", of: "SocketAddress")
            let flow = try inner.readUInt32("flowinfo", of: "SocketAddress")
            let high = try inner.readUInt64("address", of: "SocketAddress")
            let low = try inner.readUInt64("address", of: "SocketAddress")
            var last = layout.reader(
                over: try inner.readBytes(4, "scope_id", of: "SocketAddress"))
            return .ipv6(
                high: high, low: low, port: port, flow: flow,
                scope: try last.readUInt32("scope_id", of: "SocketAddress"))
        default:
            return .other(Opaque(family: family, bytes: rest))
        }
    }

    /// Appends the address.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        switch self {
        case .ipv4(_, let port):
            writer.write(Self.familyIPv4)
            writer.write(UInt8(truncatingIfNeeded: port >> 8))
            writer.write(UInt8(truncatingIfNeeded: port))
            writer.write(contentsOf: octets)
            writer.writeZeros(20)
        case .ipv6(_, _, let port, let flow, let scope):
            writer.write(Self.familyIPv6)
            var network = ByteWriter(order: .big, capacity: 6)
            network.write(port)
            network.write(flow)
            writer.write(contentsOf: network.finish())
            writer.write(contentsOf: octets)
            writer.write(scope)
        case .other(let address):
            writer.write(address.family)
            writer.write(contentsOf: address.bytes)
        }
    }

    /// Always 28.
    public func byteCount(layout: LegacyLayout) -> Int { Self.byteCount }
}
