// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A TCP connection that never was, in which packets of a byte stream are written so that other
/// programs read them.
///
/// Every packet begins a segment, since Wireshark's dissector looks for one there; one that is
/// larger than a segment goes on in the next. Sequence numbers, acknowledgements and checksums are
/// right.
public struct SyntheticConnection: Sendable {
    /// What the frames that it makes begin with.
    public static let linkType = LinkType.ethernet

    /// The port of ctdbd.
    public static let port: UInt16 = 4379
    /// The most bytes of a stream in one segment: an IP packet has at most 65,535.
    private static let payloadLimit = 65_000
    private static let headerByteCount = 20

    /// Who opened it.
    public let client: Endpoint
    /// Who was asked.
    public let server: Endpoint
    private var sentByClient: UInt32 = 1
    private var sentByServer: UInt32 = 1

    /// Makes a connection between two ends, which both have IPv4 addresses or both IPv6 ones.
    public init(client: Endpoint, server: Endpoint) {
        self.client = client
        self.server = server
    }

    /// The three frames of a beginning: a reader then knows where the first packet begins.
    public mutating func open() -> [[UInt8]] {
        sentByClient = 0
        sentByServer = 0
        let first = frame(fromClient: true, flags: TCPSegment.synchronize, [])
        sentByClient = 1
        let flags = TCPSegment.synchronize | TCPSegment.acknowledge
        let second = frame(fromClient: false, flags: flags, [])
        sentByServer = 1
        return [first, second, frame(fromClient: true, flags: TCPSegment.acknowledge, [])]
    }

    /// The frames of a packet.
    public mutating func send(_ packet: ArraySlice<UInt8>, fromClient: Bool) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var rest = packet
        while !rest.isEmpty {
            let part = rest.prefix(Self.payloadLimit)
            rest = rest.dropFirst(part.count)
            let push: UInt8 = rest.isEmpty ? 0x08 : 0
            frames.append(
                frame(fromClient: fromClient, flags: TCPSegment.acknowledge | push, part))
            let count = UInt32(truncatingIfNeeded: part.count)
            if fromClient { sentByClient &+= count } else { sentByServer &+= count }
        }
        return frames
    }

    /// The frames of an end: first that of who closes it.
    public mutating func close(fromClient: Bool) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        for isClient in [fromClient, !fromClient] {
            let flags = TCPSegment.finish | TCPSegment.acknowledge
            frames.append(frame(fromClient: isClient, flags: flags, []))
            if isClient { sentByClient &+= 1 } else { sentByServer &+= 1 }
        }
        return frames + [frame(fromClient: fromClient, flags: TCPSegment.acknowledge, [])]
    }

    private func frame(fromClient: Bool, flags: UInt8, _ payload: ArraySlice<UInt8>) -> [UInt8] {
        let source = fromClient ? client : server
        let destination = fromClient ? server : client
        var writer = ByteWriter(order: .big, capacity: payload.count &+ 80)
        // Locally administered addresses, of which nobody has any.
        for isClient in [!fromClient, fromClient] {
            writer.write(contentsOf: [0x02, 0, 0, 0, 0, isClient ? 1 : 2])
        }
        let segment = segment(source, destination, fromClient, flags, payload)
        if source.address.isIPv6 {
            writer.write(UInt16(0x86DD))
            writer.write(UInt32(6) << 28)
            writer.write(UInt16(truncatingIfNeeded: segment.count))
            writer.write(InternetPacket.tcp)
            writer.write(UInt8(64))
            source.address.encode(into: &writer)
            destination.address.encode(into: &writer)
        } else {
            writer.write(UInt16(0x0800))
            writer.write(contentsOf: header(source, destination, segment.count))
        }
        writer.write(contentsOf: segment)
        return writer.finish()
    }

    private func header(_ source: Endpoint, _ destination: Endpoint, _ count: Int) -> [UInt8] {
        var writer = ByteWriter(order: .big, capacity: Self.headerByteCount)
        writer.write(UInt16(0x4500))
        writer.write(UInt16(truncatingIfNeeded: Self.headerByteCount &+ count))
        writer.write(UInt16(0))
        // Not to be fragmented.
        writer.write(UInt16(0x4000))
        writer.write(UInt8(64))
        writer.write(InternetPacket.tcp)
        writer.write(UInt16(0))
        source.address.encode(into: &writer)
        destination.address.encode(into: &writer)
        var bytes = writer.finish()
        let sum = Self.checksum(bytes, 0)
        bytes[10] = UInt8(truncatingIfNeeded: sum >> 8)
        bytes[11] = UInt8(truncatingIfNeeded: sum)
        return bytes
    }

    private func segment(
        _ source: Endpoint, _ destination: Endpoint, _ fromClient: Bool, _ flags: UInt8,
        _ payload: ArraySlice<UInt8>
    ) -> [UInt8] {
        let isAcknowledging = flags & TCPSegment.acknowledge != 0
        let known = fromClient ? sentByServer : sentByClient
        var writer = ByteWriter(order: .big, capacity: Self.headerByteCount &+ payload.count)
        writer.write(source.port)
        writer.write(destination.port)
        writer.write(fromClient ? sentByClient : sentByServer)
        writer.write(isAcknowledging ? known : 0)
        writer.write(UInt16(5) << 12 | UInt16(flags))
        writer.write(UInt16.max)
        writer.writeZeros(4)
        writer.write(contentsOf: payload)
        var pseudo = ByteWriter(order: .big)
        source.address.encode(into: &pseudo)
        destination.address.encode(into: &pseudo)
        pseudo.write(UInt32(InternetPacket.tcp))
        pseudo.write(UInt32(truncatingIfNeeded: writer.count))
        let partial = ~Self.checksum(pseudo.bytes, 0)
        var bytes = writer.finish()
        let sum = Self.checksum(bytes, UInt32(partial))
        bytes[16] = UInt8(truncatingIfNeeded: sum >> 8)
        bytes[17] = UInt8(truncatingIfNeeded: sum)
        return bytes
    }

    /// The checksum of RFC 1071, going on from another sum.
    private static func checksum(_ bytes: [UInt8], _ start: UInt32) -> UInt16 {
        var sum = UInt64(start)
        var index = 0
        while index &+ 1 < bytes.count {
            sum &+= UInt64(bytes[index]) << 8 | UInt64(bytes[index &+ 1])
            index &+= 2
        }
        if index < bytes.count { sum &+= UInt64(bytes[index]) << 8 }
        while sum > 0xFFFF { sum = sum & 0xFFFF &+ sum >> 16 }
        return ~UInt16(truncatingIfNeeded: sum)
    }
}
