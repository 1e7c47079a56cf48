// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A typed value behind the fixed part of a netlink message.
///
/// - Shape: length (16 bits, with these 4 bytes) and type (16) in the order of the machine, the
///   value, and zeros to a multiple of 4 bytes that the length does not count.
/// - Errors: `.truncated`; `.invalidValue` for a length below 4; `.limitExceeded` for one beyond
///   the bytes.
/// - Source: `struct nlattr`, linux/netlink.h; `struct rtattr`, linux/rtnetlink.h.
public struct NetlinkAttribute: Equatable, Sendable {
    /// What the value means, which depends on where the attribute stands.
    public var type: UInt16
    /// Whether the value is said to be attributes again; the kernel seldom says so.
    public var isNested: Bool
    /// Whether the value is said to be in network order.
    public var isBigEndian: Bool
    /// The value.
    public var value: ArraySlice<UInt8>

    private static let headerByteCount = 4
    private static let nested: UInt16 = 0x8000
    private static let bigEndian: UInt16 = 0x4000
    private static let typeMask: UInt16 = 0x3FFF
    /// The longest value: the length must fit 16 bits.
    public static let valueByteLimit = 0xFFFF &- headerByteCount

    /// Makes an attribute; a value beyond the limit is cut.
    public init(
        _ type: UInt16, _ value: ArraySlice<UInt8>, isNested: Bool = false,
        isBigEndian: Bool = false
    ) {
        self.type = type & Self.typeMask
        self.value = value.prefix(Self.valueByteLimit)
        self.isNested = isNested
        self.isBigEndian = isBigEndian
    }

    /// Makes an attribute of a number.
    public init(_ type: UInt16, _ value: UInt32) {
        var writer = ByteWriter(order: .native, capacity: 4)
        writer.write(value)
        self.init(type, writer.finish()[...])
    }

    /// Makes an attribute of an address.
    public init(_ type: UInt16, octets: [UInt8]) { self.init(type, octets[...]) }

    /// Makes an attribute of a text, with a zero byte at its end.
    public init(_ type: UInt16, text: String) {
        self.init(type, Array(text.utf8)[...] + [0])
    }

    /// Makes an attribute of attributes.
    public init(_ type: UInt16, nesting attributes: [NetlinkAttribute]) {
        var writer = ByteWriter(order: .native)
        for attribute in attributes { attribute.encode(into: &writer) }
        self.init(type, writer.finish()[...])
    }

    /// Reads an attribute and the filling behind it, which may be missing at the end.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(headerByteCount, "header", of: "NetlinkAttribute")
        let length = try reader.readUInt16("length", of: "NetlinkAttribute")
        let type = try reader.readUInt16("type", of: "NetlinkAttribute")
        guard length >= headerByteCount else {
            throw reader.error(.invalidValue(UInt64(length)), "length", of: "NetlinkAttribute")
        }
        let count = Int(length) &- headerByteCount
        guard count <= reader.available else {
            throw reader.error(
                .limitExceeded(value: UInt64(count), limit: UInt64(reader.available)), "length",
                of: "NetlinkAttribute")
        }
        let value = try reader.readBytes(count, "value", of: "NetlinkAttribute")
        try reader.skip(
            min(NetlinkMessage.filling(count), reader.available), "filling", of: "NetlinkAttribute")
        return Self(
            type, value, isNested: type & nested != 0, isBigEndian: type & bigEndian != 0)
    }

    /// Reads all attributes up to the end.
    public static func decodeAll(from reader: inout ByteReader) throws(WireError) -> [Self] {
        var attributes: [Self] = []
        while reader.available > 0 { attributes.append(try decode(from: &reader)) }
        return attributes
    }

    /// Appends the attribute and its filling.
    public func encode(into writer: inout ByteWriter) {
        writer.write(UInt16(truncatingIfNeeded: Self.headerByteCount &+ value.count))
        writer.write(
            type | (isNested ? Self.nested : 0) | (isBigEndian ? Self.bigEndian : 0))
        writer.write(contentsOf: value)
        writer.writeZeros(NetlinkMessage.filling(value.count))
    }

    /// The size with the filling.
    public var byteCount: Int {
        Self.headerByteCount &+ value.count &+ NetlinkMessage.filling(value.count)
    }

    /// The value as a number of 32 bits; nil when it has another size.
    public var number: UInt32? {
        guard value.count == 4 else { return nil }
        var reader = ByteReader(value, order: isBigEndian ? .big : .native)
        return try? reader.readUInt32("value", of: "NetlinkAttribute")
    }

    /// The value as a number of 16 bits; nil when it has another size.
    public var shortNumber: UInt16? {
        guard value.count == 2 else { return nil }
        var reader = ByteReader(value, order: isBigEndian ? .big : .native)
        return try? reader.readUInt16("value", of: "NetlinkAttribute")
    }

    /// The value as a number of 8 bits; nil when it has another size.
    public var byte: UInt8? { value.count == 1 ? value.first : nil }

    /// The value as text up to its zero byte; nil when it is not valid text.
    public var text: String? { String(validating: value.prefix { $0 != 0 }, as: UTF8.self) }

    /// The value as attributes; empty when it is none.
    public var nestedAttributes: [NetlinkAttribute] {
        var reader = ByteReader(value, order: .native)
        return (try? Self.decodeAll(from: &reader)) ?? []
    }
}

extension [NetlinkAttribute] {
    /// The first attribute of a type.
    public subscript(type type: UInt16) -> NetlinkAttribute? { first { $0.type == type } }
}
