// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A value that has an encoding in XDR, the external data representation of RFC 4506.
///
/// - Shape: a multiple of four bytes, every integer big-endian; readers and writers are made with
///   the order `.big`, as `decode(_:)` and `encoded()` do.
public protocol XDRCodable: Sendable {
    /// The number of bytes of the shortest value, by which a list's length is judged before it
    /// is believed.
    static var minimumByteCount: Int { get }

    /// The number of bytes of this value.
    var byteCount: Int { get }

    /// Reads one value and leaves the reader behind it.
    static func decode(from reader: inout ByteReader) throws(WireError) -> Self

    /// Appends this value.
    ///
    /// - Throws: `.limitExceeded` or `.invalidValue` for what a decoder would refuse; the writer
    ///   then ends in the middle of a value and is to be dropped.
    func encode(into writer: inout ByteWriter) throws(WireError)
}

extension XDRCodable {
    /// Reads one value that fills the whole buffer.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Self {
        var reader = ByteReader(bytes, order: .big)
        let value = try decode(from: &reader)
        guard reader.available == 0 else {
            throw WireError(
                code: .trailingBytes(reader.available), type: "\(Self.self)", field: "end",
                offset: reader.offset)
        }
        return value
    }

    /// Gives the encoding in a buffer of its own.
    public func encoded() throws(WireError) -> [UInt8] {
        var writer = ByteWriter(order: .big, capacity: byteCount)
        try encode(into: &writer)
        return writer.finish()
    }
}

/// A value whose encoding always has the same number of bytes and always succeeds.
public protocol XDRFixedSize: XDRCodable {
    /// The number of bytes of every value.
    static var byteCount: Int { get }

    /// Appends this value.
    func encode(into writer: inout ByteWriter)
}

extension XDRFixedSize {
    /// The number of bytes of every value.
    public static var minimumByteCount: Int { byteCount }

    /// The number of bytes of every value.
    public var byteCount: Int { Self.byteCount }

    /// Gives the encoding in a buffer of its own.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(order: .big, capacity: Self.byteCount)
        encode(into: &writer)
        return writer.finish()
    }
}
