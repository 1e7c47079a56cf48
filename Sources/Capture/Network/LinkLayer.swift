// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// What a packet of a link layer carries.
enum LinkPayload: Equatable {
    /// An IPv4 packet, and padding.
    case ipv4(ArraySlice<UInt8>)
    /// An IPv6 packet, and padding.
    case ipv6(ArraySlice<UInt8>)
    /// Something for one of Wireshark's dissectors.
    case exportedPDU(ArraySlice<UInt8>)
    /// Something else, such as ARP.
    case other

    /// Looks behind the header of a link layer.
    static func of(
        _ bytes: ArraySlice<UInt8>, _ type: LinkType
    ) throws(WireError) -> LinkPayload {
        var reader = ByteReader(bytes, order: .big)
        switch type {
        case .ethernet:
            try reader.skip(12, "addresses", of: "Ethernet")
            return try byEtherType(from: &reader)
        case .linuxCooked:
            try reader.skip(14, "address", of: "LinuxCooked")
            return try byEtherType(from: &reader)
        case .linuxCooked2:
            let protocolNumber = try reader.readUInt16("protocol", of: "LinuxCooked2")
            try reader.skip(18, "address", of: "LinuxCooked2")
            return try payload(protocolNumber, from: &reader)
        case .raw, .rawOfBSD, .rawOfOpenBSD, .ipv4, .ipv6:
            return try byVersion(from: &reader)
        case .null, .loop:
            let family = try reader.readUInt32("family", of: "Loopback")
            return try byFamily(family, from: &reader)
        case .exportedPDU:
            return .exportedPDU(bytes)
        default:
            return .other
        }
    }

    /// What a type field of Ethernet says, behind VLAN tags and LLC.
    private static func byEtherType(from reader: inout ByteReader) throws(WireError) -> LinkPayload
    {
        let type = try reader.readUInt16("type", of: "Ethernet")
        return try payload(type, from: &reader)
    }

    private static func payload(
        _ type: UInt16, from reader: inout ByteReader
    ) throws(WireError) -> LinkPayload {
        switch type {
        case 0x0800: return .ipv4(try rest(from: &reader))
        case 0x86DD: return .ipv6(try rest(from: &reader))
        // 802.1Q, 802.1ad, and what was used before that.
        case 0x8100, 0x88A8, 0x9100, 0x9200:
            try reader.skip(2, "tag", of: "VLAN")
            return try byEtherType(from: &reader)
        // A length: LLC with SNAP may follow.
        case ...1500 where reader.available >= 8:
            let llc = try reader.readUInt64("snap", of: "Ethernet")
            guard llc >> 16 == 0xAAAA_0300_0000 else { return .other }
            return try payload(UInt16(truncatingIfNeeded: llc), from: &reader)
        default: return .other
        }
    }

    private static func byVersion(from reader: inout ByteReader) throws(WireError) -> LinkPayload {
        let bytes = try rest(from: &reader)
        switch (bytes.first ?? 0) >> 4 {
        case 4: return .ipv4(bytes)
        case 6: return .ipv6(bytes)
        default: return .other
        }
    }

    /// The family is in the order of the machine that captured; the numbers are small.
    private static func byFamily(
        _ family: UInt32, from reader: inout ByteReader
    ) throws(WireError) -> LinkPayload {
        switch family > 0xFFFF ? family.byteSwapped : family {
        case 2: return .ipv4(try rest(from: &reader))
        // Linux, OpenBSD, FreeBSD and macOS.
        case 10, 24, 28, 30: return .ipv6(try rest(from: &reader))
        default: return .other
        }
    }

    private static func rest(from reader: inout ByteReader) throws(WireError) -> ArraySlice<UInt8> {
        try reader.readBytes(reader.available, "payload", of: "Link")
    }
}
