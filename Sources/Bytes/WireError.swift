// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Why a buffer could not be read as a value, and where.
public struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong with the bytes.
    public enum Code: Equatable, Sendable {
        /// Fewer bytes are left than the field needs.
        case truncated(needed: Int, available: Int)
        /// A magic number is not the expected one.
        case badMagic(UInt32)
        /// A magic number has its bytes reversed: the sender's machine has the other byte order.
        case otherByteOrder
        /// A protocol version that this codec does not speak.
        case unsupportedVersion(UInt32)
        /// A count or length is larger than the bytes that follow, or than the type's limit.
        case limitExceeded(value: UInt64, limit: UInt64)
        /// A number is outside the values that the type has.
        case invalidValue(UInt64)
        /// A string has no terminator where one is required, or is not valid text.
        case badString
        /// Bytes are left over after the value.
        case trailingBytes(Int)
        /// A checksum does not fit the bytes.
        case badChecksum(stated: UInt32, computed: UInt32)
    }

    /// What is wrong.
    public var code: Code
    /// The name of the type being read.
    public var type: String
    /// The name of the field being read.
    public var field: String
    /// Where the field begins, in bytes from the start of the reader's buffer.
    public var offset: Int

    /// Makes an error.
    public init(code: Code, type: String, field: String, offset: Int) {
        self.code = code
        self.type = type
        self.field = field
        self.offset = offset
    }

    /// One line for logs: type, field, offset and what was wrong there.
    public var description: String { "\(type).\(field) at byte \(offset): \(code)" }
}
