// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkWire
import Vocabulary

/// An interface of this machine.
public struct Interface: Equatable, Sendable {
    /// Its number, which another interface gets when this one is gone.
    public var index: UInt32
    /// Its name, which may change.
    public var name: String
    /// What kind it is: vlan, bond, bridge, veth and so on; nil for hardware and the loopback.
    public var kind: String?
    /// Its Ethernet address; nil for what is no Ethernet.
    public var hardwareAddress: HardwareAddress?
    /// Whether it is the loopback.
    public var isLoopback: Bool
    /// Whether an administrator has switched it on.
    public var isUp: Bool
    /// Whether it has a carrier, as far as its driver says.
    public var hasCarrier: Bool
    /// What it can do, by RFC 2863.
    public var operatingState: LinkMessage.OperatingState
    /// The index of the interface that it stands on, as a VLAN does.
    public var lowerIndex: UInt32?
    /// The index of the interface that it belongs to, as the port of a bond does.
    public var masterIndex: UInt32?
    /// The number of a VLAN.
    public var vlanID: UInt16?
    /// Whether its link is up as the port of a bond; nil for what is none.
    public var isPortUp: Bool?

    /// Reads a report of the kernel; nil when it has no name.
    public init?(_ message: LinkMessage) {
        guard message.index != 0, let name = message.name, !name.isEmpty else { return nil }
        index = message.index
        self.name = name
        kind = message.kind
        isLoopback = message.flags.contains(.loopback)
        hardwareAddress =
            message.hardwareType == LinkMessage.ethernet ? message.hardwareAddress : nil
        isUp = message.flags.contains(.up)
        hasCarrier = message.flags.contains(.carrier)
        operatingState = message.operatingState
        lowerIndex = message.lowerIndex
        masterIndex = message.masterIndex
        vlanID = message.vlanID
        isPortUp = message.isPortUp
    }
}

/// An address on an interface: where it is, or is to be.
public struct InterfaceAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public var address: IPAddress
    /// The length of the prefix that the link shares.
    public var prefixLength: UInt8
    /// The name of the interface.
    public var interface: String

    /// Makes a value.
    public init(_ address: IPAddress, prefixLength: UInt8, on interface: String) {
        self.address = address
        self.prefixLength = prefixLength
        self.interface = interface
    }

    /// Address, prefix and interface, as `ip` writes them.
    public var description: String { "\(address)/\(prefixLength) dev \(interface)" }
}

/// An address that the kernel has.
public struct PresentAddress: Equatable, Sendable {
    /// The address, its prefix and the interface's name.
    public var place: InterfaceAddress
    /// The index of the interface.
    public var index: UInt32
    /// What is true of it.
    public var flags: AddressMessage.Flags

    /// Whether packets for it are taken: not while IPv6 looks for duplicates, nor if it found one.
    public var isUsable: Bool {
        !flags.contains(.duplicate)
            && (!flags.contains(.tentative) || flags.contains(.optimistic))
    }
}

/// Whether an interface can carry addresses now.
public enum LinkState: Equatable, Sendable {
    /// It can.
    case up
    /// It cannot, for the reason given.
    case down(Reason)

    /// Why an interface cannot carry addresses.
    public enum Reason: Equatable, Sendable, CustomStringConvertible {
        /// There is none of that name.
        case missing
        /// An administrator has switched it off.
        case switchedOff
        /// It has no carrier, or what it stands on has none.
        case noCarrier
        /// It is a bond, and none of its ports has a link.
        case noPort

        /// For people.
        public var description: String {
            switch self {
            case .missing: "there is no such interface"
            case .switchedOff: "it is switched off"
            case .noCarrier: "it has no carrier"
            case .noPort: "it is a bond, and none of its ports has a link"
            }
        }
    }
}
