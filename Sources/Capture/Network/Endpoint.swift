// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire

/// An IPv4 or IPv6 address.
public struct NetworkAddress: Hashable, Sendable {
    /// Whether it has 128 bits rather than 32.
    public let isIPv6: Bool
    /// The first 64 bits in network order; 0 for IPv4.
    public let high: UInt64
    /// The last 64 bits in network order; those of IPv4 are the lowest 32.
    public let low: UInt64

    /// An IPv4 address; the first octet is in the highest bits.
    public static func ipv4(_ address: UInt32) -> NetworkAddress {
        NetworkAddress(isIPv6: false, high: 0, low: UInt64(address))
    }

    /// An IPv6 address.
    public static func ipv6(high: UInt64, low: UInt64) -> NetworkAddress {
        NetworkAddress(isIPv6: true, high: high, low: low)
    }

    /// The address as the legacy protocol has it.
    public func socketAddress(port: UInt16) -> SocketAddress {
        isIPv6
            ? .ipv6(high: high, low: low, port: port, flow: 0, scope: 0)
            : .ipv4(address: UInt32(truncatingIfNeeded: low), port: port)
    }

    /// Appends the 4 or 16 octets.
    func encode(into writer: inout ByteWriter) {
        if isIPv6 {
            writer.write(high)
            writer.write(low)
        } else {
            writer.write(UInt32(truncatingIfNeeded: low))
        }
    }
}

/// One end of a connection.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public var address: NetworkAddress
    /// The port.
    public var port: UInt16

    /// Names an end.
    public init(address: NetworkAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// The address and the port, such as `10.0.0.1:4379`.
    public var description: String { address.socketAddress(port: port).textWithPort }
}
