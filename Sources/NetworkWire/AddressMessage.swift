// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// An address on an interface: reported, to be added or to be removed.
///
/// - Shape: family (8 bits), prefix length (8), low flags (8), scope (8), index of the interface
///   (32), then attributes.
/// - Errors: `.truncated`, and those of attributes.
/// - Source: `struct ifaddrmsg` and the attributes, linux/if_addr.h; rtnetlink(7).
public struct AddressMessage: Equatable, Sendable {
    /// What is true of an address.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt32

        /// Makes a set of bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// IPv4: another address of the subnet came first, and takes this one with it when it goes,
        /// unless the interface promotes secondaries.
        public static let secondary = Flags(rawValue: 0x01)
        /// IPv6: it is not looked for duplicates.
        public static let noDuplicateDetection = Flags(rawValue: 0x02)
        /// IPv6: it may be used while duplicates are looked for.
        public static let optimistic = Flags(rawValue: 0x04)
        /// IPv6: another machine has it.
        public static let duplicate = Flags(rawValue: 0x08)
        /// IPv6: it is not chosen as a source.
        public static let deprecated = Flags(rawValue: 0x20)
        /// IPv6: duplicates are looked for still.
        public static let tentative = Flags(rawValue: 0x40)
        /// It has no end.
        public static let permanent = Flags(rawValue: 0x80)
    }

    /// The numbers of attributes.
    public enum AttributeType {
        /// The address; of a point-to-point link the other end's.
        public static let address: UInt16 = 1
        /// The address of this end, IPv4 only in reports.
        public static let local: UInt16 = 2
        /// A name, IPv4 only.
        public static let label: UInt16 = 3
        /// The broadcast address.
        public static let broadcast: UInt16 = 4
        /// All flags.
        public static let flags: UInt16 = 8
    }

    /// The number of the family: 2 IPv4, 10 IPv6, 0 both.
    public var family: UInt8
    /// The length of the prefix that the link shares.
    public var prefixLength: UInt8
    /// The lower flags.
    public var lowFlags: UInt8
    /// How far it reaches: 0 everywhere, 253 this link, 254 this host.
    public var scope: UInt8
    /// The index of the interface.
    public var index: UInt32
    /// What more is said.
    public var attributes: [NetlinkAttribute]

    /// Makes a message.
    public init(
        family: UInt8, prefixLength: UInt8, lowFlags: UInt8 = 0, scope: UInt8 = 0, index: UInt32,
        attributes: [NetlinkAttribute]
    ) {
        self.family = family
        self.prefixLength = prefixLength
        self.lowFlags = lowFlags
        self.scope = scope
        self.index = index
        self.attributes = attributes
    }

    /// Reads the body of a message.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(8, "header", of: "AddressMessage")
        let family = try reader.readUInt8("family", of: "AddressMessage")
        let prefixLength = try reader.readUInt8("prefixlen", of: "AddressMessage")
        let lowFlags = try reader.readUInt8("flags", of: "AddressMessage")
        let scope = try reader.readUInt8("scope", of: "AddressMessage")
        let index = try reader.readUInt32("index", of: "AddressMessage")
        return Self(
            family: family, prefixLength: prefixLength, lowFlags: lowFlags, scope: scope,
            index: index, attributes: try NetlinkAttribute.decodeAll(from: &reader))
    }

    /// Appends the body of a message.
    public func encode(into writer: inout ByteWriter) {
        writer.write(family)
        writer.write(prefixLength)
        writer.write(lowFlags)
        writer.write(scope)
        writer.write(index)
        for attribute in attributes { attribute.encode(into: &writer) }
    }

    /// The address of this end; nil when it is missing or has a wrong size.
    public var address: IPAddress? {
        let found =
            attributes[type: AttributeType.local] ?? attributes[type: AttributeType.address]
        guard let address = found.flatMap({ IPAddress(octets: $0.value) }),
            AddressFamily(address.family).rawValue == family
        else { return nil }
        return address
    }

    /// What is true of it.
    public var flags: Flags {
        Flags(rawValue: attributes[type: AttributeType.flags]?.number ?? UInt32(lowFlags))
    }

    /// The label of an IPv4 address.
    public var label: String? { attributes[type: AttributeType.label]?.text }
}

/// The numbers by which Linux knows families of addresses.
///
/// - Source: linux/socket.h.
public enum AddressFamily: UInt8, Sendable {
    /// None in particular.
    case unspecified = 0
    /// IPv4.
    case ipv4 = 2
    /// IPv6.
    case ipv6 = 10

    /// The number of an address's family.
    public init(_ family: IPAddress.Family) { self = family == .ipv4 ? .ipv4 : .ipv6 }
}
