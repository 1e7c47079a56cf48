// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// What one of Wireshark's dissectors is given, with the dissector's name.
///
/// It carries packets that were never on a network, such as those of a Unix socket.
///
/// - Shape: tags, each with its number and length in 16 bits big-endian, a value padded to four
///   bytes, the padding counted in the length; an end; the payload.
/// - Errors: `.truncated`; `.badString` without the name of a dissector.
/// - Source: the link type `LINKTYPE_WIRESHARK_UPPER_PDU` of the pcap format.
public struct ExportedPDU: Equatable, Sendable {
    /// The dissector of legacy packets.
    public static let legacy = "ctdb"
    /// The dissector of frames of the new protocol, which comes with this program.
    public static let peer = "tablecloth"
    /// What is given as the dissector of packets of the event daemon; there is none.
    public static let event = "ctdb-event"

    private enum Tag {
        static let end: UInt16 = 0
        static let dissector: UInt16 = 12
        static let heuristic: UInt16 = 13
        static let sourceIPv4: UInt16 = 20
        static let destinationIPv4: UInt16 = 21
        static let sourceIPv6: UInt16 = 22
        static let destinationIPv6: UInt16 = 23
        static let portType: UInt16 = 24
        static let sourcePort: UInt16 = 25
        static let destinationPort: UInt16 = 26
    }

    /// Wireshark finds the dissector of legacy packets by this name only, for it guesses who is
    /// meant.
    private static let legacyHeuristic = "ctdb_tcp"
    /// The number of TCP among the types of ports.
    private static let tcpPorts: UInt32 = 2

    /// The name of the dissector.
    public var dissector: String
    /// Who sent it, where that is known.
    public var source: Endpoint?
    /// Who it was for, where that is known.
    public var destination: Endpoint?
    /// The packet.
    public var payload: ArraySlice<UInt8>

    /// Makes one.
    public init(
        dissector: String, source: Endpoint? = nil, destination: Endpoint? = nil,
        payload: ArraySlice<UInt8>
    ) {
        self.dissector = dissector
        self.source = source
        self.destination = destination
        self.payload = payload
    }

    /// Reads a packet of link type 252.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(WireError) -> ExportedPDU {
        var reader = ByteReader(bytes, order: .big)
        var name: String?
        var addresses: (source: NetworkAddress?, destination: NetworkAddress?)
        var ports: (source: UInt16, destination: UInt16) = (0, 0)
        while true {
            let tag = try reader.readUInt16("tag", of: "ExportedPDU")
            let count = Int(try reader.readUInt16("length", of: "ExportedPDU"))
            let value = try reader.readBytes(count, "value", of: "ExportedPDU")
            switch tag {
            case Tag.end:
                guard let name else { throw reader.error(.badString, "name", of: "ExportedPDU") }
                return ExportedPDU(
                    dissector: name,
                    source: addresses.source.map { Endpoint(address: $0, port: ports.source) },
                    destination: addresses.destination.map {
                        Endpoint(address: $0, port: ports.destination)
                    },
                    payload: try reader.readBytes(
                        reader.available, "payload", of: "ExportedPDU"))
            case Tag.dissector, Tag.heuristic:
                let text = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
                name = text == legacyHeuristic ? legacy : text
            case Tag.sourceIPv4, Tag.sourceIPv6: addresses.source = try address(value)
            case Tag.destinationIPv4, Tag.destinationIPv6:
                addresses.destination = try address(value)
            case Tag.sourcePort: ports.source = try port(value)
            case Tag.destinationPort: ports.destination = try port(value)
            default: break
            }
        }
    }

    /// The packet as bytes.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(order: .big, capacity: payload.count &+ 64)
        let isLegacy = dissector == Self.legacy
        let name = Array((isLegacy ? Self.legacyHeuristic : dissector).utf8.prefix(255))
        // Strings end with at least one zero byte.
        Self.write(isLegacy ? Tag.heuristic : Tag.dissector, name + [0], into: &writer)
        if let source, let destination {
            Self.write(
                source.address, ipv4: Tag.sourceIPv4, ipv6: Tag.sourceIPv6, into: &writer)
            Self.write(
                destination.address, ipv4: Tag.destinationIPv4, ipv6: Tag.destinationIPv6,
                into: &writer)
            for (tag, number) in [
                (Tag.portType, Self.tcpPorts), (Tag.sourcePort, UInt32(source.port)),
                (Tag.destinationPort, UInt32(destination.port)),
            ] {
                writer.write(tag)
                writer.write(UInt16(4))
                writer.write(number)
            }
        }
        writer.writeZeros(4)
        writer.write(contentsOf: payload)
        return writer.finish()
    }

    private static func write(_ tag: UInt16, _ value: [UInt8], into writer: inout ByteWriter) {
        let padding = PcapngOptions.padding(value.count)
        writer.write(tag)
        writer.write(UInt16(truncatingIfNeeded: value.count &+ padding))
        writer.write(contentsOf: value)
        writer.writeZeros(padding)
    }

    private static func write(
        _ address: NetworkAddress, ipv4: UInt16, ipv6: UInt16, into writer: inout ByteWriter
    ) {
        writer.write(address.isIPv6 ? ipv6 : ipv4)
        writer.write(UInt16(address.isIPv6 ? 16 : 4))
        address.encode(into: &writer)
    }

    private static func address(_ value: ArraySlice<UInt8>) throws(WireError) -> NetworkAddress {
        var reader = ByteReader(value, order: .big)
        guard value.count >= 16 else {
            return .ipv4(try reader.readUInt32("address", of: "ExportedPDU"))
        }
        let high = try reader.readUInt64("address", of: "ExportedPDU")
        return .ipv6(high: high, low: try reader.readUInt64("address", of: "ExportedPDU"))
    }

    private static func port(_ value: ArraySlice<UInt8>) throws(WireError) -> UInt16 {
        var reader = ByteReader(value, order: .big)
        return UInt16(truncatingIfNeeded: try reader.readUInt32("port", of: "ExportedPDU"))
    }
}
