// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// One end of a connection.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public var address: IPAddress
    /// The port.
    public var port: UInt16

    /// Makes an end.
    public init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Address and port; an IPv6 address in brackets.
    public var description: String {
        address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}

/// A segment of TCP without data or options, with the network header in front of it.
///
/// - Shape: 20 bytes of IPv4 header or 40 of IPv6; ports (16 bits each), sequence number (32),
///   acknowledgement number (32), header length in words (4), flags (12), window (16), checksum
///   (16), urgent pointer (16). Network order.
/// - Errors: `.truncated`; `.invalidValue` for what is not TCP, and for fragments behind the first.
/// - Source: RFC 791, RFC 8200 and RFC 9293; `ctdb_sys_send_tcp()`,
///   ctdb/common/system_socket.c, Samba 4.17.
public struct TCPSegment: Equatable, Sendable {
    /// What a segment does.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Makes a set of bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// It is the sender's last.
        public static let finish = Flags(rawValue: 0x01)
        /// It opens a connection.
        public static let synchronise = Flags(rawValue: 0x02)
        /// It ends the connection at once.
        public static let reset = Flags(rawValue: 0x04)
        /// Its acknowledgement number counts.
        public static let acknowledge = Flags(rawValue: 0x10)
    }

    private static let protocolNumber: UInt8 = 6
    private static let headerByteCount = 20
    /// By which segments of ctdbd, and these, are told from those of a real connection.
    public static let markingWindow: UInt16 = 1234

    /// Who sends it.
    public var source: Endpoint
    /// Whom it is for; of the same family.
    public var destination: Endpoint
    /// The number of its first byte.
    public var sequence: UInt32
    /// The number of the byte that is expected next.
    public var acknowledgement: UInt32
    /// What it does.
    public var flags: Flags
    /// How much may be sent to the sender.
    public var window: UInt16

    /// Makes a segment.
    public init(
        from source: Endpoint, to destination: Endpoint, sequence: UInt32 = 0,
        acknowledgement: UInt32 = 0, flags: Flags, window: UInt16 = markingWindow
    ) {
        self.source = source
        self.destination = destination
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.window = window
    }

    /// A segment to which the other end answers with its real numbers, since these are not.
    public static func tickle(from source: Endpoint, to destination: Endpoint) -> Self {
        Self(from: source, to: destination, flags: .acknowledge)
    }

    /// A segment that ends the connection at who has sent this one.
    public var resetInReply: Self {
        Self(
            from: destination, to: source, sequence: acknowledgement, acknowledgement: sequence,
            flags: [.reset, .acknowledge])
    }

    /// Whether ctdbd or this program has made it to tickle or to reset.
    public var isOurs: Bool {
        window == Self.markingWindow && (flags.contains(.reset) || sequence == 0)
    }

    /// Reads a packet of IPv4 or IPv6 up to the window; the order must be that of the network.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        let first = try reader.readUInt8("version", of: "TCPSegment")
        let source: IPAddress
        let destination: IPAddress
        switch first >> 4 {
        case 4:
            try reader.skip(5, "header", of: "TCPSegment")
            let fragment = try reader.readUInt16("fragment", of: "TCPSegment")
            try expect(fragment & 0x1FFF == 0, UInt32(fragment), "fragment", reader)
            try reader.skip(1, "timeToLive", of: "TCPSegment")
            let number = try reader.readUInt8("protocol", of: "TCPSegment")
            try expect(number == protocolNumber, UInt32(number), "protocol", reader)
            try reader.skip(2, "checksum", of: "TCPSegment")
            source = .ipv4(try reader.readUInt32("source", of: "TCPSegment"))
            destination = .ipv4(try reader.readUInt32("destination", of: "TCPSegment"))
            let words = first & 0x0F
            try expect(words >= 5, UInt32(words), "headerLength", reader)
            try reader.skip((Int(words) &- 5) &* 4, "options", of: "TCPSegment")
        case 6:
            try reader.skip(5, "header", of: "TCPSegment")
            let number = try reader.readUInt8("protocol", of: "TCPSegment")
            try expect(number == protocolNumber, UInt32(number), "protocol", reader)
            try reader.skip(1, "hopLimit", of: "TCPSegment")
            source = try reader.readIPv6("source", of: "TCPSegment")
            destination = try reader.readIPv6("destination", of: "TCPSegment")
        default:
            throw reader.error(.invalidValue(UInt64(first >> 4)), "version", of: "TCPSegment")
        }
        let from = try reader.readUInt16("sourcePort", of: "TCPSegment")
        let to = try reader.readUInt16("destinationPort", of: "TCPSegment")
        let sequence = try reader.readUInt32("sequence", of: "TCPSegment")
        let acknowledgement = try reader.readUInt32("acknowledgement", of: "TCPSegment")
        try reader.skip(1, "headerLength", of: "TCPSegment")
        let flags = try reader.readUInt8("flags", of: "TCPSegment")
        let window = try reader.readUInt16("window", of: "TCPSegment")
        return Self(
            from: Endpoint(source, port: from), to: Endpoint(destination, port: to),
            sequence: sequence, acknowledgement: acknowledgement, flags: Flags(rawValue: flags),
            window: window)
    }

    private static func expect(
        _ holds: Bool, _ found: UInt32, _ field: StaticString, _ reader: borrowing ByteReader
    ) throws(WireError) {
        guard holds else {
            throw reader.error(.invalidValue(UInt64(found)), field, of: "TCPSegment")
        }
    }

    /// The whole packet.
    ///
    /// The kernel fills in what is left 0 of an IPv4 header: length, identification and checksum.
    public var packet: [UInt8] {
        var writer = ByteWriter(order: .big, capacity: 60)
        switch source.address.family {
        case .ipv4:
            writer.write(UInt8(0x45))
            writer.write(UInt8(0))
            writer.write(UInt16(truncatingIfNeeded: 2 &* Self.headerByteCount))
            writer.write(UInt32(0))
            writer.write(UInt8(255))
            writer.write(Self.protocolNumber)
            writer.write(UInt16(0))
        case .ipv6:
            writer.write(UInt32(6) << 28)
            writer.write(UInt16(truncatingIfNeeded: Self.headerByteCount))
            writer.write(Self.protocolNumber)
            writer.write(UInt8(64))
        }
        writer.write(contentsOf: source.address.octets)
        writer.write(contentsOf: destination.address.octets)
        writer.write(contentsOf: segment)
        return writer.finish()
    }

    private var segment: [UInt8] {
        var writer = ByteWriter(order: .big, capacity: Self.headerByteCount)
        writer.write(source.port)
        writer.write(destination.port)
        writer.write(sequence)
        writer.write(acknowledgement)
        writer.write(UInt8(truncatingIfNeeded: (Self.headerByteCount / 4) << 4))
        writer.write(flags.rawValue)
        writer.write(window)
        writer.write(UInt32(0))
        var bytes = writer.finish()
        var sum = InternetChecksum()
        sum.addPseudoHeader(
            source: source.address.octets, destination: destination.address.octets,
            protocolNumber: Self.protocolNumber, byteCount: bytes.count)
        sum.add(bytes)
        // As ctdbd has it; both spellings of zero are right.
        let value = sum.value == 0 ? 0xFFFF : sum.value
        bytes[16] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[17] = UInt8(truncatingIfNeeded: value)
        return bytes
    }
}
