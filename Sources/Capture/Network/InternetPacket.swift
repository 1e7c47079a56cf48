// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// An IPv4 or IPv6 packet, or a fragment of one.
struct InternetPacket: Equatable {
    /// Which part of a packet a fragment is.
    struct Fragment: Equatable {
        /// What the fragments of one packet have in common.
        var identification: UInt32
        /// Where its payload begins.
        var offset: Int
        /// Whether others come behind it.
        var hasMore: Bool
    }

    /// The number of TCP.
    static let tcp: UInt8 = 6

    var source: NetworkAddress
    var destination: NetworkAddress
    /// What the payload begins with.
    var transport: UInt8
    /// nil for a whole packet.
    var fragment: Fragment?
    /// What there is of the payload.
    var payload: ArraySlice<UInt8>
    /// How many bytes of the payload were not captured.
    var missingByteCount: Int

    /// Reads a packet; padding of the link layer may follow.
    static func decodeIPv4(_ bytes: ArraySlice<UInt8>) throws(WireError) -> InternetPacket {
        var reader = ByteReader(bytes, order: .big)
        let first = try reader.readUInt16("version", of: "IPv4")
        let headerCount = Int(first >> 8 & 0xF) &* 4
        guard first >> 12 == 4, headerCount >= 20 else {
            throw reader.error(.invalidValue(UInt64(first)), "version", of: "IPv4")
        }
        let stated = Int(try reader.readUInt16("length", of: "IPv4"))
        // A packet that the network card was to cut up may state 0: it fills the capture.
        let totalCount = stated == 0 ? bytes.count : stated
        guard totalCount >= headerCount else {
            throw reader.error(.invalidValue(UInt64(stated)), "length", of: "IPv4")
        }
        let identification = try reader.readUInt16("id", of: "IPv4")
        let place = try reader.readUInt16("fragment", of: "IPv4")
        try reader.skip(1, "ttl", of: "IPv4")
        let transport = try reader.readUInt8("protocol", of: "IPv4")
        try reader.skip(2, "checksum", of: "IPv4")
        let source = try reader.readUInt32("source", of: "IPv4")
        let destination = try reader.readUInt32("destination", of: "IPv4")
        try reader.skip(headerCount &- 20, "options", of: "IPv4")
        let count = totalCount &- headerCount
        let there = min(count, reader.available)
        var packet = InternetPacket(
            source: .ipv4(source), destination: .ipv4(destination), transport: transport,
            fragment: nil, payload: try reader.readBytes(there, "payload", of: "IPv4"),
            missingByteCount: count &- there)
        // Don't-fragment and the reserved bit say nothing here.
        if place & 0x3FFF != 0 {
            packet.fragment = Fragment(
                identification: UInt32(identification), offset: Int(place & 0x1FFF) &* 8,
                hasMore: place & 0x2000 != 0)
        }
        return packet
    }

    /// Reads a packet with its extension headers; padding of the link layer may follow.
    static func decodeIPv6(_ bytes: ArraySlice<UInt8>) throws(WireError) -> InternetPacket {
        var reader = ByteReader(bytes, order: .big)
        let first = try reader.readUInt32("version", of: "IPv6")
        guard first >> 28 == 6 else {
            throw reader.error(.invalidValue(UInt64(first)), "version", of: "IPv6")
        }
        let stated = Int(try reader.readUInt16("length", of: "IPv6"))
        let next = try reader.readUInt8("next", of: "IPv6")
        try reader.skip(1, "hops", of: "IPv6")
        let sourceHigh = try reader.readUInt64("source", of: "IPv6")
        let sourceLow = try reader.readUInt64("source", of: "IPv6")
        let destinationHigh = try reader.readUInt64("destination", of: "IPv6")
        let destinationLow = try reader.readUInt64("destination", of: "IPv6")
        // 0 is a packet of more than 64 KiB, or one that was to be cut up: it fills the capture.
        let count = stated == 0 ? reader.available : stated
        let there = min(count, reader.available)
        var packet = InternetPacket(
            source: .ipv6(high: sourceHigh, low: sourceLow),
            destination: .ipv6(high: destinationHigh, low: destinationLow), transport: next,
            fragment: nil, payload: try reader.readBytes(there, "payload", of: "IPv6"),
            missingByteCount: count &- there)
        try packet.skipExtensions()
        return packet
    }

    /// Goes to the first header that is no extension's, or behind that of a fragment.
    mutating func skipExtensions() throws(WireError) {
        var reader = ByteReader(payload, order: .big)
        while true {
            switch transport {
            // Hop by hop, routing, destination options, mobility, host identity, shim.
            case 0, 43, 60, 135, 139, 140:
                transport = try reader.readUInt8("next", of: "IPv6Extension")
                let units = Int(try reader.readUInt8("length", of: "IPv6Extension"))
                try reader.skip(units &* 8 &+ 6, "extension", of: "IPv6Extension")
            // Authentication counts in units of four bytes.
            case 51:
                transport = try reader.readUInt8("next", of: "IPv6Extension")
                let units = Int(try reader.readUInt8("length", of: "IPv6Extension"))
                try reader.skip(units &* 4 &+ 6, "extension", of: "IPv6Extension")
            case 44:
                transport = try reader.readUInt8("next", of: "IPv6Fragment")
                try reader.skip(1, "reserved", of: "IPv6Fragment")
                let place = try reader.readUInt16("offset", of: "IPv6Fragment")
                let identification = try reader.readUInt32("id", of: "IPv6Fragment")
                payload = payload.dropFirst(reader.offset)
                // A packet that is its only fragment is whole.
                if place & 0xFFF9 != 0 {
                    fragment = Fragment(
                        identification: identification, offset: Int(place & 0xFFF8),
                        hasMore: place & 1 != 0)
                    return
                }
                reader = ByteReader(payload, order: .big)
            default:
                payload = payload.dropFirst(reader.offset)
                return
            }
        }
    }
}
