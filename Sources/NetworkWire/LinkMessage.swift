// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// An interface: reported, or to be changed.
///
/// - Shape: family (8 bits), a byte of padding, hardware type (16), index (32), flags (32) and the
///   mask of flags to change (32), then attributes.
/// - Errors: `.truncated`, and those of attributes.
/// - Source: `struct ifinfomsg`, linux/rtnetlink.h, and the attributes, linux/if_link.h;
///   rtnetlink(7).
public struct LinkMessage: Equatable, Sendable {
    /// What is true of an interface.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt32

        /// Makes a set of bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// An administrator has switched it on.
        public static let up = Flags(rawValue: 0x1)
        /// It is the loopback.
        public static let loopback = Flags(rawValue: 0x8)
        /// It can be used.
        public static let running = Flags(rawValue: 0x40)
        /// It does not take part in ARP.
        public static let noARP = Flags(rawValue: 0x80)
        /// It belongs to another interface, as a bond's port does.
        public static let slave = Flags(rawValue: 0x800)
        /// It has a carrier.
        public static let carrier = Flags(rawValue: 0x1_0000)
    }

    /// What the operating state is, by RFC 2863.
    public enum OperatingState: UInt8, Sendable {
        /// Nobody has said.
        case unknown = 0
        /// A part is missing.
        case notPresent = 1
        /// It cannot pass anything.
        case down = 2
        /// What it stands on is down, as a VLAN's interface may be.
        case lowerLayerDown = 3
        /// It is being tested.
        case testing = 4
        /// It waits for something, as for authentication.
        case dormant = 5
        /// It passes everything.
        case up = 6
    }

    /// The numbers of attributes.
    public enum AttributeType {
        /// The hardware address.
        public static let address: UInt16 = 1
        /// The name.
        public static let name: UInt16 = 3
        /// The largest packet.
        public static let mtu: UInt16 = 4
        /// The index of the interface that this one stands on.
        public static let lower: UInt16 = 5
        /// The index of the interface that this one belongs to.
        public static let master: UInt16 = 10
        /// The operating state.
        public static let operatingState: UInt16 = 16
        /// Attributes of the kind.
        public static let information: UInt16 = 18
        /// Attributes of each family.
        public static let families: UInt16 = 26
        /// What a reader wants or does not want to hear.
        public static let extensionMask: UInt16 = 29
        /// The namespace of the interface that this one stands on.
        public static let lowerNamespace: UInt16 = 37
        /// Whether there is a carrier.
        public static let carrier: UInt16 = 33
    }

    /// The numbers of attributes below `information`.
    public enum InformationType {
        /// The kind: vlan, bond, veth ...
        public static let kind: UInt16 = 1
        /// What there is to know of the kind.
        public static let data: UInt16 = 2
        /// The kind of what it belongs to.
        public static let slaveKind: UInt16 = 4
        /// What there is to know of it as a part of that.
        public static let slaveData: UInt16 = 5
        /// Of a VLAN's data: its number.
        public static let vlanID: UInt16 = 1
        /// Of the data of a bond's port: 0 when its link is up.
        public static let portLinkState: UInt16 = 2
    }

    /// The number of Ethernet, which Wi-Fi, bridges and bonds have too.
    public static let ethernet: UInt16 = 1
    /// The number of the loopback.
    public static let loopback: UInt16 = 772
    /// Leaves statistics out of reports.
    public static let withoutStatistics: UInt32 = 1 << 3

    /// The family, 0 for all.
    public var family: UInt8
    /// The kind of hardware.
    public var hardwareType: UInt16
    /// The index of the interface.
    public var index: UInt32
    /// What is true of it, or is to be.
    public var flags: Flags
    /// The flags that are to be changed.
    public var changeMask: Flags
    /// What more is said.
    public var attributes: [NetlinkAttribute]

    /// Makes a message.
    public init(
        family: UInt8 = 0, hardwareType: UInt16 = 0, index: UInt32, flags: Flags = [],
        changeMask: Flags = [], attributes: [NetlinkAttribute] = []
    ) {
        self.family = family
        self.hardwareType = hardwareType
        self.index = index
        self.flags = flags
        self.changeMask = changeMask
        self.attributes = attributes
    }

    /// Reads the body of a message.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(16, "header", of: "LinkMessage")
        let family = try reader.readUInt8("family", of: "LinkMessage")
        try reader.skip(1, "padding", of: "LinkMessage")
        let hardwareType = try reader.readUInt16("type", of: "LinkMessage")
        let index = try reader.readUInt32("index", of: "LinkMessage")
        let flags = Flags(rawValue: try reader.readUInt32("flags", of: "LinkMessage"))
        let changeMask = Flags(rawValue: try reader.readUInt32("change", of: "LinkMessage"))
        return Self(
            family: family, hardwareType: hardwareType, index: index, flags: flags,
            changeMask: changeMask, attributes: try NetlinkAttribute.decodeAll(from: &reader))
    }

    /// Appends the body of a message.
    public func encode(into writer: inout ByteWriter) {
        writer.write(family)
        writer.write(UInt8(0))
        writer.write(hardwareType)
        writer.write(index)
        writer.write(flags.rawValue)
        writer.write(changeMask.rawValue)
        for attribute in attributes { attribute.encode(into: &writer) }
    }
}

extension LinkMessage {
    /// The name.
    public var name: String? { attributes[type: AttributeType.name]?.text }

    /// The hardware address, where it is one of Ethernet.
    public var hardwareAddress: HardwareAddress? {
        attributes[type: AttributeType.address].flatMap { HardwareAddress(octets: $0.value) }
    }

    /// The index of the interface that this one stands on, in the same namespace.
    public var lowerIndex: UInt32? {
        guard attributes[type: AttributeType.lowerNamespace] == nil else { return nil }
        return attributes[type: AttributeType.lower]?.number
    }

    /// The index of the interface that this one belongs to, as a bond's port does.
    public var masterIndex: UInt32? { attributes[type: AttributeType.master]?.number }

    /// The largest packet.
    public var mtu: UInt32? { attributes[type: AttributeType.mtu]?.number }

    /// The operating state.
    public var operatingState: OperatingState {
        let byte = attributes[type: AttributeType.operatingState]?.byte
        return byte.flatMap(OperatingState.init(rawValue:)) ?? .unknown
    }

    /// The kind: vlan, bond, veth and so on; nil for hardware.
    public var kind: String? { information[type: InformationType.kind]?.text }

    /// The number of a VLAN.
    public var vlanID: UInt16? {
        guard kind == "vlan" else { return nil }
        let data = information[type: InformationType.data]?.nestedAttributes ?? []
        return data[type: InformationType.vlanID]?.shortNumber
    }

    /// Whether the link of a bond's port is up; nil for what is none.
    public var isPortUp: Bool? {
        guard information[type: InformationType.slaveKind]?.text == "bond" else { return nil }
        let data = information[type: InformationType.slaveData]?.nestedAttributes ?? []
        return data[type: InformationType.portLinkState]?.byte.map { $0 == 0 }
    }

    private var information: [NetlinkAttribute] {
        attributes[type: AttributeType.information]?.nestedAttributes ?? []
    }
}
