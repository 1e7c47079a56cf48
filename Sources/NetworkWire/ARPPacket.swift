// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A packet of the address resolution protocol, for IPv4 on Ethernet.
///
/// - Shape: hardware 1, protocol 0x0800, lengths 6 and 4, operation; then hardware and protocol
///   address of the sender and of the target: 28 bytes in network order.
/// - Errors: `.truncated`; `.invalidValue` for other hardware, protocols and lengths.
/// - Source: RFC 826; RFC 5227 for probes and announcements.
public struct ARPPacket: Equatable, Sendable {
    /// What a packet is for.
    public struct Operation: RawRepresentable, Hashable, Sendable {
        /// The number.
        public let rawValue: UInt16

        /// Makes an operation of a number.
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Asks who has an address.
        public static let request = Operation(rawValue: 1)
        /// Says who has it.
        public static let reply = Operation(rawValue: 2)
    }

    /// The size in bytes.
    public static let byteCount = 28
    /// The size to which ctdbd fills its frames.
    static let frameByteCount = 64

    /// What it is for.
    public var operation: Operation
    /// Who sends it.
    public var senderHardware: HardwareAddress
    /// The sender's address; 0.0.0.0 for a sender that has none yet.
    public var sender: UInt32
    /// Whose address it is, where that is known.
    public var targetHardware: HardwareAddress
    /// The address that is asked for.
    public var target: UInt32

    /// Makes a packet.
    public init(
        _ operation: Operation, senderHardware: HardwareAddress, sender: UInt32,
        targetHardware: HardwareAddress, target: UInt32
    ) {
        self.operation = operation
        self.senderHardware = senderHardware
        self.sender = sender
        self.targetHardware = targetHardware
        self.target = target
    }

    /// Reads a packet and passes over what fills the frame; the order must be that of the network.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(byteCount, "packet", of: "ARPPacket")
        try expect(1, try reader.readUInt16("hardware", of: "ARPPacket"), "hardware", reader)
        try expect(
            EthernetHeader.ipv4, try reader.readUInt16("protocol", of: "ARPPacket"), "protocol",
            reader)
        try expect(0x0604, try reader.readUInt16("lengths", of: "ARPPacket"), "lengths", reader)
        let operation = Operation(
            rawValue: try reader.readUInt16("operation", of: "ARPPacket"))
        let senderHardware = try HardwareAddress.decode(
            from: &reader, "senderHardware", of: "ARPPacket")
        let sender = try reader.readUInt32("sender", of: "ARPPacket")
        let targetHardware = try HardwareAddress.decode(
            from: &reader, "targetHardware", of: "ARPPacket")
        let target = try reader.readUInt32("target", of: "ARPPacket")
        try reader.skip(reader.available, "filling", of: "ARPPacket")
        return Self(
            operation, senderHardware: senderHardware, sender: sender,
            targetHardware: targetHardware, target: target)
    }

    private static func expect(
        _ wanted: UInt16, _ found: UInt16, _ field: StaticString, _ reader: borrowing ByteReader
    ) throws(WireError) {
        guard found == wanted else {
            throw reader.error(.invalidValue(UInt64(found)), field, of: "ARPPacket")
        }
    }

    /// Appends the packet.
    public func encode(into writer: inout ByteWriter) {
        writer.write(UInt16(1))
        writer.write(EthernetHeader.ipv4)
        writer.write(UInt16(0x0604))
        writer.write(operation.rawValue)
        writer.write(contentsOf: senderHardware.octets)
        writer.write(sender)
        writer.write(contentsOf: targetHardware.octets)
        writer.write(target)
    }

    /// A frame with the packet, for everybody on the link.
    public var broadcastFrame: [UInt8] {
        var writer = ByteWriter(order: .big, capacity: Self.frameByteCount)
        EthernetHeader(
            destination: .broadcast, source: senderHardware, type: EthernetHeader.arp
        ).encode(into: &writer)
        encode(into: &writer)
        writer.writeZeros(Self.frameByteCount - writer.count)
        return writer.finish()
    }

    /// Asks whether anybody has an address, without claiming it.
    public static func probe(for address: UInt32, from hardware: HardwareAddress) -> Self {
        Self(
            .request, senderHardware: hardware, sender: 0, targetHardware: .zero,
            target: address)
    }
}
