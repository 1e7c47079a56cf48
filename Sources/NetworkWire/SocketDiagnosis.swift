// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What the kernel tells a socket of TCP by.
///
/// - Shape: this end's port and the other's (16 bits each) and their addresses (128 bits each, of
///   which IPv4 has the first 32), in network order; index of the interface (32 bits) and a cookie
///   of twice 32 bits, in the order of the machine: 48 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct inet_diag_sockid`, linux/inet_diag.h.
public struct SocketIdentity: Hashable, Sendable {
    /// Fits every socket.
    public static let anyCookie = UInt64.max
    /// The size in bytes.
    static let byteCount = 48

    /// This end, as the socket has it: in IPv6 an IPv4 address may stand behind ::ffff:0:0.
    public var local: Endpoint
    /// The other end, of the same family.
    public var remote: Endpoint
    /// The interface that it is bound to, or 0.
    public var interface: UInt32
    /// Tells it from a later socket of the same ends.
    public var cookie: UInt64

    /// Makes an identity.
    public init(
        local: Endpoint, remote: Endpoint, interface: UInt32 = 0, cookie: UInt64 = anyCookie
    ) {
        self.local = local
        self.remote = remote
        self.interface = interface
        self.cookie = cookie
    }

    /// An identity of no socket in particular.
    public static func any(_ family: AddressFamily) -> Self {
        let nowhere = Endpoint(family == .ipv4 ? .ipv4(0) : .ipv6(high: 0, low: 0), port: 0)
        return Self(local: nowhere, remote: nowhere, cookie: 0)
    }

    /// Reads an identity of a family.
    static func decode(
        from reader: inout ByteReader, family: AddressFamily
    ) throws(WireError) -> Self {
        try reader.require(byteCount, "identity", of: "SocketIdentity")
        var network = ByteReader(
            try reader.readBytes(36, "ends", of: "SocketIdentity"), order: .big)
        let localPort = try network.readUInt16("localPort", of: "SocketIdentity")
        let remotePort = try network.readUInt16("remotePort", of: "SocketIdentity")
        let local = try address(from: &network, family)
        let remote = try address(from: &network, family)
        let interface = try reader.readUInt32("interface", of: "SocketIdentity")
        let low = try reader.readUInt32("cookie", of: "SocketIdentity")
        let high = try reader.readUInt32("cookie", of: "SocketIdentity")
        return Self(
            local: Endpoint(local, port: localPort), remote: Endpoint(remote, port: remotePort),
            interface: interface, cookie: UInt64(high) << 32 | UInt64(low))
    }

    private static func address(
        from network: inout ByteReader, _ family: AddressFamily
    ) throws(WireError) -> IPAddress {
        let high = try network.readUInt64("address", of: "SocketIdentity")
        let low = try network.readUInt64("address", of: "SocketIdentity")
        return family == .ipv4
            ? .ipv4(UInt32(truncatingIfNeeded: high >> 32)) : .ipv6(high: high, low: low)
    }

    /// Appends the identity.
    func encode(into writer: inout ByteWriter) {
        var network = ByteWriter(order: .big, capacity: 36)
        network.write(local.port)
        network.write(remote.port)
        for end in [local, remote] {
            network.write(contentsOf: end.address.octets)
            network.writeZeros(16 &- Int(end.address.bitCount) / 8)
        }
        writer.write(contentsOf: network.finish())
        writer.write(interface)
        writer.write(UInt32(truncatingIfNeeded: cookie))
        writer.write(UInt32(truncatingIfNeeded: cookie >> 32))
    }
}

/// A question for sockets of TCP, or an order to end one.
///
/// - Shape: family, protocol and extensions (8 bits each), a byte of padding, a bit for each state
///   (32 bits), an identity, then attributes.
/// - Errors: `.truncated`, and those of attributes.
/// - Source: `struct inet_diag_req_v2`, linux/inet_diag.h; sock_diag(7).
public struct SocketQuery: Equatable, Sendable {
    /// States of TCP, a bit for each.
    public struct States: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt32

        /// Makes a set of bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Both ends can send.
        public static let established = States(rawValue: 1 << 1)
        /// All of those that hold on to an address: not those that listen, wait or are closed.
        public static let connected = States(
            rawValue: 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 11)
    }

    private static let protocolNumber: UInt8 = 6
    private static let filterType: UInt16 = 1

    /// IPv4 or IPv6; sockets of IPv6 may have IPv4 addresses.
    public var family: AddressFamily
    /// The states that are wanted.
    public var states: States
    /// Which socket, for an order.
    public var identity: SocketIdentity
    /// What sockets must fulfil, as `SocketFilter` says it.
    public var filter: [UInt8]

    /// Makes a question.
    public init(
        _ family: AddressFamily, states: States, identity: SocketIdentity? = nil,
        filter: [UInt8] = []
    ) {
        self.family = family
        self.states = states
        self.identity = identity ?? .any(family)
        self.filter = filter
    }

    /// Reads the body of a message.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(8 &+ SocketIdentity.byteCount, "header", of: "SocketQuery")
        let number = try reader.readUInt8("family", of: "SocketQuery")
        guard let family = AddressFamily(rawValue: number) else {
            throw reader.error(.invalidValue(UInt64(number)), "family", of: "SocketQuery")
        }
        try reader.skip(3, "protocol", of: "SocketQuery")
        let states = States(rawValue: try reader.readUInt32("states", of: "SocketQuery"))
        let identity = try SocketIdentity.decode(from: &reader, family: family)
        let attributes = try NetlinkAttribute.decodeAll(from: &reader)
        return Self(
            family, states: states, identity: identity,
            filter: Array(attributes[type: filterType]?.value ?? []))
    }

    /// Appends the body of a message.
    public func encode(into writer: inout ByteWriter) {
        writer.write(family.rawValue)
        writer.write(Self.protocolNumber)
        writer.write(UInt16(0))
        writer.write(states.rawValue)
        identity.encode(into: &writer)
        guard !filter.isEmpty else { return }
        NetlinkAttribute(Self.filterType, filter[...]).encode(into: &writer)
    }
}

/// A socket of TCP, as the kernel reports it.
///
/// - Shape: family, state, timer and repetitions (8 bits each), an identity, five numbers of 32
///   bits, then attributes: 72 bytes and more.
/// - Errors: `.truncated`; `.invalidValue` for another family.
/// - Source: `struct inet_diag_msg`, linux/inet_diag.h.
public struct SocketReport: Equatable, Sendable {
    /// IPv4 or IPv6.
    public var family: AddressFamily
    /// The number of the state.
    public var state: UInt8
    /// By which it can be ended.
    public var identity: SocketIdentity

    /// Makes a report.
    public init(family: AddressFamily, state: UInt8, identity: SocketIdentity) {
        self.family = family
        self.state = state
        self.identity = identity
    }

    /// Reads the body of a message; numbers and attributes behind the identity are passed over.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(72, "header", of: "SocketReport")
        let number = try reader.readUInt8("family", of: "SocketReport")
        guard let family = AddressFamily(rawValue: number), family != .unspecified else {
            throw reader.error(.invalidValue(UInt64(number)), "family", of: "SocketReport")
        }
        let state = try reader.readUInt8("state", of: "SocketReport")
        try reader.skip(2, "timer", of: "SocketReport")
        let identity = try SocketIdentity.decode(from: &reader, family: family)
        try reader.skip(reader.available, "rest", of: "SocketReport")
        return Self(family: family, state: state, identity: identity)
    }

    /// This end; an IPv4 address in IPv6's clothes is an IPv4 address.
    public var local: Endpoint {
        Endpoint(identity.local.address.unmapped, port: identity.local.port)
    }

    /// The other end.
    public var remote: Endpoint {
        Endpoint(identity.remote.address.unmapped, port: identity.remote.port)
    }
}

extension IPAddress {
    /// The IPv4 address that ::ffff:0:0/96 has in its last bits; any other address as it is.
    public var unmapped: IPAddress {
        guard family == .ipv6, high == 0, low >> 32 == 0xFFFF else { return self }
        return .ipv4(UInt32(truncatingIfNeeded: low))
    }
}
