// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// One message of a netlink socket.
///
/// - Shape: length (32 bits, with these 16 bytes), type (16), flags (16), sequence number (32) and
///   port (32), in the order of the machine; then the body, filled with 0 to a multiple of 4 bytes
///   that the length does not count.
/// - Errors: `.truncated`; `.invalidValue` for a length below 16; `.limitExceeded` for one beyond
///   the bytes.
/// - Source: `struct nlmsghdr`, linux/netlink.h; netlink(7).
public struct NetlinkMessage: Equatable, Sendable {
    /// What the body is.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The number.
        public let rawValue: UInt16

        /// Makes a kind of a number.
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// An answer: `NetlinkAnswer`.
        public static let answer = Kind(rawValue: 2)
        /// The end of a list in several messages.
        public static let done = Kind(rawValue: 3)
        /// Data was lost.
        public static let overrun = Kind(rawValue: 4)
        /// An interface is new or has changed: `LinkMessage`.
        public static let newLink = Kind(rawValue: 16)
        /// An interface is gone.
        public static let deleteLink = Kind(rawValue: 17)
        /// Asks for interfaces.
        public static let getLink = Kind(rawValue: 18)
        /// Changes an interface.
        public static let setLink = Kind(rawValue: 19)
        /// An address is new or has changed, or is to be added: `AddressMessage`.
        public static let newAddress = Kind(rawValue: 20)
        /// An address is gone, or is to be removed.
        public static let deleteAddress = Kind(rawValue: 21)
        /// Asks for addresses.
        public static let getAddress = Kind(rawValue: 22)
        /// Asks for sockets by `SocketQuery`, and answers with `SocketReport`.
        public static let socketsByFamily = Kind(rawValue: 20)
        /// Ends a socket: `SocketQuery`.
        public static let destroySocket = Kind(rawValue: 21)
    }

    /// How a message is meant.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt16

        /// Makes a set of bits.
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// A question or an order.
        public static let request = Flags(rawValue: 0x001)
        /// One message of several, up to one of kind `done`.
        public static let multipart = Flags(rawValue: 0x002)
        /// An answer is wanted even when all is well.
        public static let acknowledge = Flags(rawValue: 0x004)
        /// The list changed while it was read, and may be inconsistent.
        public static let interrupted = Flags(rawValue: 0x010)
        /// A list of everything that fits.
        public static let dump = Flags(rawValue: 0x300)
        /// Fails if the thing is there already.
        public static let exclusive = Flags(rawValue: 0x200)
        /// Makes the thing if it is not there.
        public static let create = Flags(rawValue: 0x400)
        /// Of an answer: the question is not repeated in it.
        public static let capped = Flags(rawValue: 0x100)
        /// Of an answer: attributes follow.
        public static let hasAttributes = Flags(rawValue: 0x200)
    }

    /// The size of the header.
    public static let headerByteCount = 16

    /// What the body is.
    public var kind: Kind
    /// How it is meant.
    public var flags: Flags
    /// Pairs an answer with its question.
    public var sequence: UInt32
    /// The socket that the message is from or for; 0 is the kernel.
    public var port: UInt32
    /// What the kind says.
    public var body: ArraySlice<UInt8>

    /// Makes a message.
    public init(
        _ kind: Kind, flags: Flags, sequence: UInt32, port: UInt32 = 0, body: ArraySlice<UInt8>
    ) {
        self.kind = kind
        self.flags = flags
        self.sequence = sequence
        self.port = port
        self.body = body
    }

    /// Reads a message and the filling behind it, which may be missing at the end of the bytes.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        try reader.require(headerByteCount, "header", of: "NetlinkMessage")
        let length = try reader.readUInt32("length", of: "NetlinkMessage")
        let kind = Kind(rawValue: try reader.readUInt16("type", of: "NetlinkMessage"))
        let flags = Flags(rawValue: try reader.readUInt16("flags", of: "NetlinkMessage"))
        let sequence = try reader.readUInt32("sequence", of: "NetlinkMessage")
        let port = try reader.readUInt32("port", of: "NetlinkMessage")
        guard length >= headerByteCount else {
            throw reader.error(.invalidValue(UInt64(length)), "length", of: "NetlinkMessage")
        }
        let count = Int(length) &- headerByteCount
        guard count <= reader.available else {
            throw reader.error(
                .limitExceeded(value: UInt64(count), limit: UInt64(reader.available)), "length",
                of: "NetlinkMessage")
        }
        let body = try reader.readBytes(count, "body", of: "NetlinkMessage")
        try reader.skip(min(filling(count), reader.available), "filling", of: "NetlinkMessage")
        return Self(kind, flags: flags, sequence: sequence, port: port, body: body)
    }

    /// Reads all messages of a datagram.
    public static func decodeAll(_ bytes: ArraySlice<UInt8>) throws(WireError) -> [Self] {
        var reader = ByteReader(bytes, order: .native)
        var messages: [Self] = []
        while reader.available > 0 { messages.append(try decode(from: &reader)) }
        return messages
    }

    /// Appends the message and its filling.
    public func encode(into writer: inout ByteWriter) {
        writer.write(UInt32(truncatingIfNeeded: Self.headerByteCount &+ body.count))
        writer.write(kind.rawValue)
        writer.write(flags.rawValue)
        writer.write(sequence)
        writer.write(port)
        writer.write(contentsOf: body)
        writer.writeZeros(Self.filling(body.count))
    }

    /// The size with the filling.
    public var byteCount: Int { Self.headerByteCount &+ body.count &+ Self.filling(body.count) }

    /// The bytes that are missing to a multiple of 4.
    static func filling(_ count: Int) -> Int { (4 &- count % 4) % 4 }
}
