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
}
