// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets

/// A TCP segment with nothing in it, at which a peer answers with where it really is.
public enum TickleSegment {
    private static let protocolTCP: UInt8 = 6
    private static let acknowledge: UInt8 = 0x10
    private static let tcpByteCount = 20
    /// Makes it easy to find in a capture.
    private static let window: UInt16 = 1234

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
        var tcp = ByteWriter(order: .big, capacity: tcpByteCount)
        tcp.write(source.port)
        tcp.write(destination.port)
        tcp.write(UInt32(0))
        tcp.write(UInt32(0))
        tcp.write(UInt8(tcpByteCount / 4 << 4))
        tcp.write(acknowledge)
        tcp.write(window)
        tcp.write(UInt32(0))
        var segment = tcp.finish()

        let pseudo = source.octets + destination.octets + [0, protocolTCP, 0, UInt8(tcpByteCount)]
        let sum = checksum(pseudo + segment)
        segment[16] = UInt8(sum >> 8)
        segment[17] = UInt8(sum & 0xFF)

        var header = ByteWriter(order: .big, capacity: 40)
        switch source {
        case .ipv4:
            header.write(UInt8(0x45))
            header.write(UInt8(0))
            // The kernel fills in the length, the identification and the checksum.
            header.write(UInt16(20 + tcpByteCount))
            header.write(UInt32(0))
            header.write(UInt8(255))
            header.write(protocolTCP)
            header.write(UInt16(0))
        case .ipv6:
            header.write(UInt32(0x6000_0000))
            header.write(UInt16(tcpByteCount))
            header.write(protocolTCP)
            header.write(UInt8(64))
        case .other: return []
        }
        header.write(contentsOf: source.octets)
        header.write(contentsOf: destination.octets)
        return header.finish() + segment
    }

    /// The sum of RFC 1071 over an even number of bytes, which is never sent as 0.
    package static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            sum += UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
        }
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
        let inverse = ~UInt16(sum)
        return inverse == 0 ? 0xFFFF : inverse
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
