// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import NetworkWire
import Sockets
import Vocabulary

/// A TCP segment with nothing in it, at which a peer answers with where it really is.
public enum TickleSegment {
    /// Wakes the client of a connection, as from the address that it is connected to.
    ///
    /// - Throws: the call that failed.
    public static func send(to connection: TCPConnection) throws(SystemError) {
        let segment = bytes(from: connection.destination, to: connection.source)
        // The kernel takes no port for a raw packet of IPv6.
        var port = connection.source.port
        if case .ipv6 = connection.source { port = 0 }
        try RawSegment.send(segment, to: connection.source.kernelBytes(port: port))
    }

    /// Network header and TCP header; empty for what is neither IPv4 nor IPv6.
    package static func bytes(from source: SocketAddress, to destination: SocketAddress) -> [UInt8]
    {
        guard let from = endpoint(source), let to = endpoint(destination) else { return [] }
        return TCPSegment.tickle(from: from, to: to).packet
    }

    private static func endpoint(_ address: SocketAddress) -> Endpoint? {
        IPAddress(address).map { Endpoint($0, port: address.port) }
    }
}

extension SocketAddress {
    /// The address with another port as the kernel has it: 16 bytes for IPv4, 28 for IPv6.
    public func kernelBytes(port: UInt16) -> [UInt8] {
        let address: SocketAddress =
            switch self {
            case .ipv4(let address, _): .ipv4(address: address, port: port)
            case .ipv6(let high, let low, _, let flow, let scope):
                .ipv6(high: high, low: low, port: port, flow: flow, scope: scope)
            case .other: self
            }
        guard let bytes = try? address.encoded(layout: .native) else { return [] }
        if case .ipv4 = address { return Array(bytes.prefix(16)) }
        return bytes
    }
}
