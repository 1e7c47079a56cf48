// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A value that the legacy protocol writes as a C struct or as its old marshalling does.
public protocol LegacyCoding: Equatable, Sendable {
    /// Reads a value and leaves the reader behind it.
    ///
    /// - Parameters:
    ///   - reader: a reader of the layout's byte order.
    ///   - layout: the layout of the machine that wrote the bytes.
    /// - Returns: the value.
    /// - Throws: `WireError` when the bytes are no such value.
    static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self

    /// Appends the value.
    ///
    /// - Parameters:
    ///   - writer: a writer of the layout's byte order.
    ///   - layout: the layout of the machine that will read the bytes.
    /// - Throws: `WireError` when a count or a string cannot be expressed.
    func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError)

    /// The number of bytes that `encode` appends.
    func byteCount(layout: LegacyLayout) -> Int
}

extension LegacyCoding {
    /// Reads a value from the beginning of bytes; bytes behind it are allowed.
    ///
    /// - Throws: `WireError` when the bytes are no such value.
    public static func decode(
        _ bytes: ArraySlice<UInt8>, layout: LegacyLayout
    ) throws(WireError) -> Self {
        var reader = layout.reader(over: bytes)
        return try decode(from: &reader, layout: layout)
    }

    /// The value as bytes.
    ///
    /// - Throws: `WireError` when a count or a string cannot be expressed.
    public func encoded(layout: LegacyLayout) throws(WireError) -> [UInt8] {
        var writer = layout.writer(capacity: byteCount(layout: layout))
        try encode(into: &writer, layout: layout)
        return writer.finish()
    }
}

extension ByteWriter {
    /// Appends the number of bytes or elements that follow.
    mutating func writeCount(
        _ count: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        guard let number = UInt32(exactly: count) else {
            throw WireError(
                code: .limitExceeded(value: UInt64(clamping: count), limit: UInt64(UInt32.max)),
                type: "\(type)", field: "\(field)", offset: self.count)
        }
        write(number)
    }

    /// Appends the number of bytes, then the bytes.
    mutating func writeCounted(
        _ bytes: ArraySlice<UInt8>, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        try writeCount(bytes.count, field, of: type)
        write(contentsOf: bytes)
    }
}

extension ByteReader {
    /// Reads a 32-bit count of the bytes that come later; it widens, so that sums cannot overflow.
    mutating func readCount(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Int {
        Int(truncatingIfNeeded: try readUInt32(field, of: type))
    }

    /// Reads a count of elements and refuses one that the bytes left cannot hold.
    mutating func readCount(
        ofElementsOf byteCount: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Int {
        let number = try readUInt32(field, of: type)
        let limit = UInt64(available / byteCount)
        guard UInt64(number) <= limit else {
            throw error(.limitExceeded(value: UInt64(number), limit: limit), field, of: type)
        }
        return Int(number)
    }

    /// Reads a count of bytes and so many bytes.
    mutating func readCountedBytes(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> ArraySlice<UInt8> {
        try readCounted(try readCount(field, of: type), field, of: type)
    }

    /// Reads a C `bool`, which is 0 or 1.
    mutating func readBool(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Bool {
        let start = offset
        let value = try readUInt8(field, of: type)
        guard value <= 1 else {
            throw WireError(
                code: .invalidValue(UInt64(value)), type: "\(type)", field: "\(field)",
                offset: start)
        }
        return value == 1
    }

    /// Reads bytes whose number was read before, and names the number when it is too large.
    mutating func readCounted(
        _ count: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= available else {
            throw error(
                .limitExceeded(value: UInt64(clamping: count), limit: UInt64(clamping: available)),
                field, of: type)
        }
        return try readBytes(count, field, of: type)
    }

    /// Reads the flags of a record that newer senders put behind its data, 0 from older ones.
    mutating func readRecordFlags(of type: StaticString) throws(WireError) -> UInt32 {
        available >= 4 ? try readUInt32("record_flags", of: type) : 0
    }
}
