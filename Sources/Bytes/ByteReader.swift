// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The order in which a multi-byte integer lies in a buffer.
public enum ByteOrder: Sendable, CaseIterable {
    /// Least significant byte first.
    case little
    /// Most significant byte first, as XDR has it.
    case big

    /// The order of the machine that this program runs on.
    public static let native: ByteOrder = UInt16(littleEndian: 1) == 1 ? .little : .big
}

/// A forward-only cursor over received bytes.
///
/// - Errors: every read throws `.truncated` when it would pass the end, and moves nothing then.
public struct ByteReader: ~Copyable {
    private let bytes: ArraySlice<UInt8>
    private let order: ByteOrder
    /// The number of bytes read so far.
    public private(set) var offset = 0

    /// Starts at the first byte.
    ///
    /// - Parameters:
    ///   - bytes: what to read.
    ///   - order: the byte order of every integer.
    public init(_ bytes: ArraySlice<UInt8>, order: ByteOrder) {
        self.bytes = bytes
        self.order = order
    }

    /// The number of bytes not yet read.
    public var available: Int { bytes.count &- offset }

    /// Throws `.truncated` unless `count` bytes are left; a negative count throws too.
    public func require(
        _ count: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        guard count >= 0, available >= count else {
            throw error(.truncated(needed: count, available: available), field, of: type)
        }
    }

    /// Makes an error at the current place.
    public func error(
        _ code: WireError.Code, _ field: StaticString, of type: StaticString
    ) -> WireError {
        WireError(code: code, type: "\(type)", field: "\(field)", offset: offset)
    }

    /// Reads one byte.
    public mutating func readUInt8(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> UInt8 {
        try require(1, field, of: type)
        defer { offset &+= 1 }
        return bytes[bytes.startIndex &+ offset]
    }

    /// Reads an unsigned 16-bit integer.
    public mutating func readUInt16(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> UInt16 {
        try require(2, field, of: type)
        let start = bytes.startIndex &+ offset
        offset &+= 2
        let first = UInt16(bytes[start])
        let second = UInt16(bytes[start &+ 1])
        return order == .big ? first << 8 | second : second << 8 | first
    }

    /// Reads an unsigned 32-bit integer.
    public mutating func readUInt32(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> UInt32 {
        try require(4, field, of: type)
        defer { offset &+= 4 }
        return word(at: bytes.startIndex &+ offset)
    }

    /// Reads a signed 32-bit integer.
    public mutating func readInt32(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Int32 {
        Int32(bitPattern: try readUInt32(field, of: type))
    }

    /// Reads an unsigned 64-bit integer.
    public mutating func readUInt64(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> UInt64 {
        try require(8, field, of: type)
        let start = bytes.startIndex &+ offset
        offset &+= 8
        let first = UInt64(word(at: start))
        let second = UInt64(word(at: start &+ 4))
        return order == .big ? first << 32 | second : second << 32 | first
    }

    /// Reads a signed 64-bit integer.
    public mutating func readInt64(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Int64 {
        Int64(bitPattern: try readUInt64(field, of: type))
    }

    /// Reads `count` bytes without copying them.
    public mutating func readBytes(
        _ count: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> ArraySlice<UInt8> {
        try require(count, field, of: type)
        let start = bytes.startIndex &+ offset
        offset &+= count
        return bytes[start..<(start &+ count)]
    }

    /// Passes over `count` bytes whatever they are.
    public mutating func skip(
        _ count: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        try require(count, field, of: type)
        offset &+= count
    }

    /// Throws `.trailingBytes` unless everything has been read.
    public func finish(_ type: StaticString) throws(WireError) {
        guard available == 0 else { throw error(.trailingBytes(available), "end", of: type) }
    }

    /// The 32-bit integer at an index that is known to be inside.
    private func word(at start: Int) -> UInt32 {
        let a = UInt32(bytes[start])
        let b = UInt32(bytes[start &+ 1])
        let c = UInt32(bytes[start &+ 2])
        let d = UInt32(bytes[start &+ 3])
        return order == .big
            ? a << 24 | b << 16 | c << 8 | d
            : d << 24 | c << 16 | b << 8 | a
    }
}
