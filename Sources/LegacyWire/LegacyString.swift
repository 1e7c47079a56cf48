// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

// Strings of the legacy protocol: a NUL ends one, or its count does, whichever comes first.

extension ByteReader {
    /// Reads the rest as one string, which must have its NUL; what follows the NUL is passed over.
    mutating func readTerminatedString(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> String {
        let start = error(.badString, field, of: type)
        let bytes = try readBytes(available, field, of: type)
        guard let end = bytes.firstIndex(of: 0),
            let text = String(validating: bytes[..<end], as: UTF8.self)
        else { throw start }
        return text
    }

    /// Reads `count` bytes as one string; a NUL inside ends the string, not the reading.
    mutating func readString(
        _ count: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> String {
        let start = error(.badString, field, of: type)
        let bytes = try readCounted(count, field, of: type)
        guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
            throw start
        }
        return text
    }

    /// Reads a count of bytes, NUL included, and so many bytes as one string.
    mutating func readCountedString(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> String {
        try readString(try readCount("length", of: type), field, of: type)
    }

    /// The same for a string that may be missing, which has the count 0.
    mutating func readOptionalCountedString(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> String? {
        let count = try readCount("length", of: type)
        return count == 0 ? nil : try readString(count, field, of: type)
    }

    /// The same as bytes, which need not be UTF-8.
    mutating func readOptionalCountedText(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> [UInt8]? {
        let count = try readCount("length", of: type)
        guard count > 0 else { return nil }
        return Array(try readCounted(count, field, of: type).prefix { $0 != 0 })
    }

    /// Reads a C array of `count` bytes as one string; the last byte is never part of it.
    mutating func readArrayString(
        _ count: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> String {
        let start = error(.badString, field, of: type)
        let bytes = try readBytes(count, field, of: type).dropLast()
        guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
            throw start
        }
        return text
    }
}

extension ByteWriter {
    /// Appends a string and its NUL; a NUL inside would make it another string and is refused.
    mutating func writeTerminated(
        _ text: String, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        guard !text.utf8.contains(0) else {
            throw WireError(
                code: .badString, type: "\(type)", field: "\(field)", offset: count)
        }
        write(contentsOf: Array(text.utf8))
        write(UInt8(0))
    }

    /// Appends the number of bytes of a string, its NUL included, then the string and its NUL.
    mutating func writeCounted(
        _ text: String, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        try writeCount(text.utf8.count &+ 1, field, of: type)
        try writeTerminated(text, field, of: type)
    }

    /// The same for a string that may be missing.
    mutating func writeCounted(
        _ text: String?, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        guard let text else { return write(UInt32(0)) }
        try writeCounted(text, field, of: type)
    }

    /// The same for bytes, which need not be UTF-8.
    mutating func writeCounted(
        text: [UInt8]?, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        guard let text else { return write(UInt32(0)) }
        guard !text.contains(0) else {
            throw WireError(
                code: .badString, type: "\(type)", field: "\(field)", offset: count)
        }
        try writeCount(text.count &+ 1, field, of: type)
        write(contentsOf: text)
        write(UInt8(0))
    }

    /// Appends a string as a C array of `arrayCount` bytes, which leaves room for a NUL.
    mutating func writeArray(
        _ text: String, _ arrayCount: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        let bytes = Array(text.utf8)
        let limit = arrayCount &- 1
        guard bytes.count <= limit else {
            throw WireError(
                code: .limitExceeded(
                    value: UInt64(clamping: bytes.count), limit: UInt64(clamping: limit)),
                type: "\(type)", field: "\(field)", offset: count)
        }
        try writeTerminated(text, field, of: type)
        writeZeros(limit &- bytes.count)
    }
}
