// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A neighbour solicitation or advertisement of IPv6, with the header in front of it.
///
/// - Shape: 40 bytes of IPv6 header; type 135 or 136 (8 bits), code 0 (8), checksum (16), flags
///   (32), target (128); then an option with the hardware address, 8 bytes, or none. Network order.
/// - Errors: `.truncated`; `.invalidValue` for what is no such message, has a hop limit other than
///   255, or an option of length 0; `.badChecksum`.
/// - Source: RFC 4861, sections 4.3, 4.4 and 7.1; RFC 8200.
public struct NeighbourMessage: Equatable, Sendable {
    /// What a message is for.
    public enum Kind: UInt8, Sendable {
        /// Asks who has an address.
        case solicitation = 135
        /// Says who has it.
        case advertisement = 136

        /// The option that has the hardware address: the source's or the target's.
        fileprivate var option: UInt8 { self == .solicitation ? 1 : 2 }
    }

    /// What an advertisement says of itself.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt32

        /// Makes a set of bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The sender is a router.
        public static let router = Flags(rawValue: 1 << 31)
        /// It answers a solicitation.
        public static let solicited = Flags(rawValue: 1 << 30)
        /// What is known of the address so far is to be replaced.
        public static let override = Flags(rawValue: 1 << 29)
    }

    private static let protocolNumber: UInt8 = 58
    private static let hopLimit: UInt8 = 255
    private static let headerByteCount = 40
    private static let bodyByteCount = 24

    /// What it is for.
    public var kind: Kind
    /// The sender's address; :: for a sender that has none yet.
    public var source: IPAddress
    /// Whom it is for.
    public var destination: IPAddress
    /// What an advertisement says of itself.
    public var flags: Flags
    /// The address that it is about.
    public var target: IPAddress
    /// The hardware address of the sender or of the target.
    public var hardware: HardwareAddress?

    /// Makes a message.
    public init(
        _ kind: Kind, source: IPAddress, destination: IPAddress, flags: Flags = [],
        target: IPAddress, hardware: HardwareAddress?
    ) {
        self.kind = kind
        self.source = source
        self.destination = destination
        self.flags = flags
        self.target = target
        self.hardware = hardware
    }

    /// Reads a packet of IPv6; the order must be that of the network.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(headerByteCount, "header", of: "NeighbourMessage")
        let version = try reader.readUInt32("version", of: "NeighbourMessage")
        try expect(version >> 28 == 6, version, "version", reader)
        let length = try reader.readUInt16("length", of: "NeighbourMessage")
        let next = try reader.readUInt8("protocol", of: "NeighbourMessage")
        try expect(next == protocolNumber, UInt32(next), "protocol", reader)
        let limit = try reader.readUInt8("hopLimit", of: "NeighbourMessage")
        try expect(limit == hopLimit, UInt32(limit), "hopLimit", reader)
        let source = try reader.readIPv6("source", of: "NeighbourMessage")
        let destination = try reader.readIPv6("destination", of: "NeighbourMessage")
        let body = try reader.readBytes(Int(length), "body", of: "NeighbourMessage")
        // What follows fills a short frame.
        try reader.skip(reader.available, "filling", of: "NeighbourMessage")
        return try decode(body, source: source, destination: destination)
    }

    private static func decode(
        _ body: ArraySlice<UInt8>, source: IPAddress, destination: IPAddress
    ) throws(WireError) -> Self {
        var reader = ByteReader(body, order: .big)
        let type = try reader.readUInt8("type", of: "NeighbourMessage")
        guard let kind = Kind(rawValue: type) else {
            throw reader.error(.invalidValue(UInt64(type)), "type", of: "NeighbourMessage")
        }
        let code = try reader.readUInt8("code", of: "NeighbourMessage")
        try expect(code == 0, UInt32(code), "code", reader)
        let stated = try reader.readUInt16("checksum", of: "NeighbourMessage")
        var sum = InternetChecksum()
        sum.addPseudoHeader(
            source: source.octets, destination: destination.octets,
            protocolNumber: protocolNumber, byteCount: body.count)
        sum.add(body)
        guard sum.value == 0 else {
            throw reader.error(
                .badChecksum(stated: UInt32(stated), computed: UInt32(sum.value)), "checksum",
                of: "NeighbourMessage")
        }
        let flags = Flags(rawValue: try reader.readUInt32("flags", of: "NeighbourMessage"))
        let target = try reader.readIPv6("target", of: "NeighbourMessage")
        var hardware: HardwareAddress?
        while reader.available > 0 {
            let option = try reader.readUInt8("option", of: "NeighbourMessage")
            let units = try reader.readUInt8("length", of: "NeighbourMessage")
            try expect(units > 0, UInt32(units), "length", reader)
            let value = try reader.readBytes(
                Int(units) &* 8 &- 2, "option", of: "NeighbourMessage")
            if option == kind.option, hardware == nil { hardware = HardwareAddress(octets: value) }
        }
        return Self(
            kind, source: source, destination: destination, flags: flags, target: target,
            hardware: hardware)
    }

    private static func expect(
        _ holds: Bool, _ found: UInt32, _ field: StaticString, _ reader: borrowing ByteReader
    ) throws(WireError) {
        guard holds else {
            throw reader.error(.invalidValue(UInt64(found)), field, of: "NeighbourMessage")
        }
    }

    /// Appends the packet.
    public func encode(into writer: inout ByteWriter) {
        var body = ByteWriter(order: .big, capacity: 32)
        body.write(kind.rawValue)
        body.write(UInt8(0))
        body.write(UInt16(0))
        body.write(flags.rawValue)
        body.write(contentsOf: target.octets)
        if let hardware {
            body.write(kind.option)
            body.write(UInt8(1))
            body.write(contentsOf: hardware.octets)
        }
        var bytes = body.finish()
        var sum = InternetChecksum()
        sum.addPseudoHeader(
            source: source.octets, destination: destination.octets,
            protocolNumber: Self.protocolNumber, byteCount: bytes.count)
        sum.add(bytes)
        // A sum of 0 is written as it is: only UDP has a meaning for that.
        bytes[2] = UInt8(truncatingIfNeeded: sum.value >> 8)
        bytes[3] = UInt8(truncatingIfNeeded: sum.value)

        writer.write(UInt32(6) << 28)
        writer.write(UInt16(truncatingIfNeeded: bytes.count))
        writer.write(Self.protocolNumber)
        writer.write(Self.hopLimit)
        writer.write(contentsOf: source.octets)
        writer.write(contentsOf: destination.octets)
        writer.write(contentsOf: bytes)
    }

    /// A frame with the packet, for the Ethernet group of its destination.
    public func frame(from hardware: HardwareAddress) -> [UInt8] {
        var writer = ByteWriter(order: .big, capacity: 96)
        EthernetHeader(
            destination: destination.multicastHardware, source: hardware,
            type: EthernetHeader.ipv6
        ).encode(into: &writer)
        encode(into: &writer)
        return writer.finish()
    }

    /// Asks whether anybody has an address, without claiming it.
    public static func probe(for address: IPAddress) -> Self {
        Self(
            .solicitation, source: .ipv6(high: 0, low: 0),
            destination: address.solicitedNode, target: address, hardware: nil)
    }
}

extension IPAddress {
    /// All nodes of a link.
    static let allNodes = IPAddress.ipv6(high: 0xFF02 << 48, low: 1)

    /// The group in which whoever has the address listens.
    ///
    /// - Source: RFC 4291, section 2.7.1.
    public var solicitedNode: IPAddress {
        .ipv6(high: 0xFF02 << 48, low: 0x1_FF00_0000 | low & 0xFF_FFFF)
    }

    /// The Ethernet group of a multicast address of IPv6.
    ///
    /// - Source: RFC 2464, section 7.
    var multicastHardware: HardwareAddress {
        HardwareAddress(rawValue: 0x3333 << 32 | low & 0xFFFF_FFFF)
    }
}

extension ByteReader {
    /// Reads an address of IPv6; the order must be that of the network.
    mutating func readIPv6(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> IPAddress {
        try require(16, field, of: type)
        let high = try readUInt64(field, of: type)
        return .ipv6(high: high, low: try readUInt64(field, of: type))
    }
}
