// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Vocabulary

/// The interfaces and addresses of this machine, by what the kernel has reported.
public struct InterfaceTable: Equatable, Sendable {
    /// A change of the table.
    public enum Change: Equatable, Sendable {
        /// An interface is new, or not what it was.
        case interface(Interface)
        /// An interface is gone, with its addresses.
        case interfaceGone(Interface)
        /// An address is new, or not what it was.
        case address(PresentAddress)
        /// An address is gone.
        case addressGone(PresentAddress)
    }

    private struct Key: Hashable {
        var index: UInt32
        var address: IPAddress
        var prefixLength: UInt8
    }

    /// The interfaces by index.
    public private(set) var interfaces: [UInt32: Interface] = [:]
    private var present: [Key: AddressMessage.Flags] = [:]
    /// How often each address is there: on several interfaces, or with several prefixes.
    private var places: [IPAddress: [Key]] = [:]
    /// What has not been heard of since `beginReading`.
    private var unheard: Unheard?

    private struct Unheard: Equatable {
        var interfaces: Set<UInt32>
        var addresses: Set<Key>
    }

    /// Makes an empty table.
    public init() {}

    /// The interface of a name.
    public func interface(named name: String) -> Interface? {
        interfaces.values.first { $0.name == name }
    }

    /// All addresses, in no order.
    public var addresses: [PresentAddress] { present.keys.compactMap(describe) }

    /// Where an address is; more than one place is possible, and is what somebody did by hand.
    public func places(of address: IPAddress) -> [PresentAddress] {
        (places[address] ?? []).compactMap(describe)
    }

    /// An address at a place, if it is there.
    public subscript(place: InterfaceAddress) -> PresentAddress? {
        places(of: place.address).first { $0.place == place }
    }

    /// Whether an interface can carry addresses.
    ///
    /// The loopback always can, as ctdbd's scripts have it; a bond needs a port with a link, since
    /// one of IEEE 802.3ad may claim a carrier without any.
    public func linkState(of name: String) -> LinkState {
        guard let found = interface(named: name) else { return .down(.missing) }
        if found.isLoopback { return .up }
        guard found.isUp else { return .down(.switchedOff) }
        switch found.operatingState {
        case .up: break
        case .unknown: guard found.hasCarrier else { return .down(.noCarrier) }
        default: return .down(.noCarrier)
        }
        if found.kind == "bond" {
            let ports = interfaces.values.filter { $0.masterIndex == found.index }
            guard ports.contains(where: { $0.isPortUp ?? $0.hasCarrier }) else {
                return .down(.noPort)
            }
        }
        return .up
    }

    private func describe(_ key: Key) -> PresentAddress? {
        guard let flags = present[key], let interface = interfaces[key.index] else { return nil }
        return PresentAddress(
            place: InterfaceAddress(
                key.address, prefixLength: key.prefixLength, on: interface.name),
            index: key.index, flags: flags)
    }
}

extension InterfaceTable {
    /// Takes a report of the kernel.
    ///
    /// - Returns: what it changes, in order; nothing when the table has it already.
    /// - Throws: what is wrong with the message's bytes.
    public mutating func take(_ message: NetlinkMessage) throws(WireError) -> [Change] {
        var reader = ByteReader(message.body, order: .native)
        switch message.kind {
        case .newLink:
            return take(try LinkMessage.decode(from: &reader))
        case .deleteLink:
            let link = try LinkMessage.decode(from: &reader)
            // A bridge says so too of a port that leaves it.
            guard link.family == AddressFamily.unspecified.rawValue else { return [] }
            return dropInterface(link.index)
        case .newAddress:
            guard let (key, flags) = Self.key(try AddressMessage.decode(from: &reader)) else {
                return []
            }
            unheard?.addresses.remove(key)
            let isNew = present.updateValue(flags, forKey: key).map { $0 != flags } ?? true
            if places[key.address]?.contains(key) != true {
                places[key.address, default: []].append(key)
            }
            guard isNew, let address = describe(key) else { return [] }
            return [.address(address)]
        case .deleteAddress:
            guard let (key, _) = Self.key(try AddressMessage.decode(from: &reader)) else {
                return []
            }
            return dropAddress(key)
        default: return []
        }
    }

    /// Remembers what there is, to find out what is no more when everything is read again.
    public mutating func beginReading() {
        unheard = Unheard(interfaces: Set(interfaces.keys), addresses: Set(present.keys))
    }

    /// Forgets what was not heard of since `beginReading`.
    ///
    /// - Returns: what is gone.
    public mutating func endReading() -> [Change] {
        guard let rest = unheard else { return [] }
        unheard = nil
        let gone = rest.addresses.flatMap { dropAddress($0) }
        return gone + rest.interfaces.flatMap { dropInterface($0) }
    }

    private mutating func take(_ link: LinkMessage) -> [Change] {
        // Bridges report their ports with a family of their own, and say less.
        guard link.family == AddressFamily.unspecified.rawValue,
            let interface = Interface(link)
        else { return [] }
        unheard?.interfaces.remove(interface.index)
        guard interfaces.updateValue(interface, forKey: interface.index) != interface else {
            return []
        }
        return [.interface(interface)]
    }

    private mutating func dropInterface(_ index: UInt32) -> [Change] {
        unheard?.interfaces.remove(index)
        let gone = present.keys.filter { $0.index == index }.flatMap { dropAddress($0) }
        guard let interface = interfaces.removeValue(forKey: index) else { return gone }
        return gone + [.interfaceGone(interface)]
    }

    private mutating func dropAddress(_ key: Key) -> [Change] {
        unheard?.addresses.remove(key)
        let address = describe(key)
        guard present.removeValue(forKey: key) != nil else { return [] }
        places[key.address]?.removeAll { $0 == key }
        if places[key.address]?.isEmpty == true { places[key.address] = nil }
        return address.map { [.addressGone($0)] } ?? []
    }

    private static func key(_ message: AddressMessage) -> (Key, AddressMessage.Flags)? {
        guard let address = message.address else { return nil }
        let key = Key(
            index: message.index, address: address, prefixLength: message.prefixLength)
        return (key, message.flags)
    }
}
