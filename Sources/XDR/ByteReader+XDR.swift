// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

extension ByteReader {
    /// Reads a boolean; a word that is neither 0 nor 1 is refused.
    ///
    /// - Source: RFC 4506, section 4.4.
    public mutating func readXDRBool(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Bool {
        let word = try readUInt32(field, of: type)
        guard word <= 1 else { throw error(.invalidValue(UInt64(word)), 4, field, of: type) }
        return word == 1
    }

    /// Reads a floating-point number of 32 bits, whatever its bits are.
    ///
    /// - Source: RFC 4506, section 4.6.
    public mutating func readXDRFloat(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Float {
        Float(bitPattern: try readUInt32(field, of: type))
    }

    /// Reads a floating-point number of 64 bits, whatever its bits are.
    ///
    /// - Source: RFC 4506, section 4.7.
    public mutating func readXDRDouble(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Double {
        Double(bitPattern: try readUInt64(field, of: type))
    }

    /// Reads exactly `count` bytes and the zeros behind them.
    ///
    /// - Source: RFC 4506, section 4.9.
    public mutating func readXDROpaque(
        count: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> [UInt8] {
        [UInt8](try readPadded(Int(count), field, of: type))
    }

    /// Reads a length, so many bytes and the zeros behind them.
    ///
    /// - Source: RFC 4506, section 4.10.
    public mutating func readXDROpaque(
        limit: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> [UInt8] {
        let count = try readCount(limit: limit, elementByteCount: 1, field, of: type)
        return [UInt8](try readPadded(count, field, of: type))
    }

    /// Reads a length in bytes, a text in UTF-8 and the zeros behind it.
    ///
    /// - Errors: `.badString` when the bytes are not valid UTF-8.
    /// - Source: RFC 4506, section 4.11.
    public mutating func readXDRString(
        limit: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> String {
        let count = try readCount(limit: limit, elementByteCount: 1, field, of: type)
        let bytes = try readPadded(count, field, of: type)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw error(.badString, XDRSize.padded(count), field, of: type)
        }
        return text
    }

    /// Reads exactly `count` elements.
    ///
    /// - Source: RFC 4506, section 4.12.
    public mutating func readXDRArray<Element: XDRCodable>(
        count: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> [Element] {
        let fitting = available / max(1, Element.minimumByteCount)
        guard count <= fitting else {
            throw error(
                .truncated(needed: Int(count) &* Element.minimumByteCount, available: available),
                field, of: type)
        }
        return try readElements(Int(count))
    }

    /// Reads a number of elements and the elements.
    ///
    /// - Source: RFC 4506, section 4.13.
    public mutating func readXDRArray<Element: XDRCodable>(
        limit: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> [Element] {
        let minimum = Element.minimumByteCount
        return try readElements(
            try readCount(limit: limit, elementByteCount: minimum, field, of: type))
    }

    /// Reads a boolean and, when it is true, a value.
    ///
    /// - Source: RFC 4506, section 4.19.
    public mutating func readXDROptional<Wrapped: XDRCodable>(
        _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Wrapped? {
        try readXDRBool(field, of: type) ? try Wrapped.decode(from: &self) : nil
    }

    /// Reads a length word and holds it against the type's limit and the bytes that are left.
    private mutating func readCount(
        limit: UInt32, elementByteCount: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> Int {
        let count = try readUInt32(field, of: type)
        let fitting = min(Int(limit), available / max(1, elementByteCount))
        guard count <= fitting else {
            throw error(
                .limitExceeded(value: UInt64(count), limit: UInt64(fitting)), 4, field, of: type)
        }
        return Int(count)
    }

    /// Reads elements whose number is known to be possible.
    private mutating func readElements<Element: XDRCodable>(
        _ count: Int
    ) throws(WireError) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try Element.decode(from: &self)) }
        return elements
    }

    /// Reads bytes and the padding behind them, which has to be zero.
    private mutating func readPadded(
        _ count: Int, _ field: StaticString, of type: StaticString
    ) throws(WireError) -> ArraySlice<UInt8> {
        try require(XDRSize.padded(count), field, of: type)
        let bytes = try readBytes(count, field, of: type)
        let padding = try readBytes(XDRSize.padding(count), field, of: type)
        for byte in padding where byte != 0 {
            throw error(.invalidValue(UInt64(byte)), padding.count, field, of: type)
        }
        return bytes
    }

    /// Makes an error about the bytes that were read last.
    private func error(
        _ code: WireError.Code, _ count: Int, _ field: StaticString, of type: StaticString
    ) -> WireError {
        WireError(code: code, type: "\(type)", field: "\(field)", offset: offset &- count)
    }
}
