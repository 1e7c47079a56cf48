// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

// What these functions refuse with an error is what a decoder would refuse.
extension ByteWriter {
    /// Appends a boolean.
    public mutating func writeXDRBool(_ value: Bool) { write(UInt32(value ? 1 : 0)) }

    /// Appends a floating-point number of 32 bits.
    public mutating func writeXDRFloat(_ value: Float) { write(value.bitPattern) }

    /// Appends a floating-point number of 64 bits.
    public mutating func writeXDRDouble(_ value: Double) { write(value.bitPattern) }

    /// Appends bytes and the zeros behind them.
    ///
    /// - Errors: `.invalidValue` with the number of bytes when it is not `count`.
    public mutating func writeXDROpaque(
        _ bytes: [UInt8], count: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        try requireExactly(bytes.count, count, field, of: type)
        write(contentsOf: bytes)
        writeZeros(XDRSize.padding(bytes.count))
    }

    /// Appends a length, bytes and the zeros behind them.
    ///
    /// - Errors: `.limitExceeded` when there are too many bytes.
    public mutating func writeXDROpaque(
        _ bytes: [UInt8], limit: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        try writeCount(bytes.count, limit: limit, field, of: type)
        write(contentsOf: bytes)
        writeZeros(XDRSize.padding(bytes.count))
    }

    /// Appends a length in bytes, a text in UTF-8 and the zeros behind it.
    ///
    /// - Errors: `.limitExceeded` when the text has too many bytes.
    public mutating func writeXDRString(
        _ text: String, limit: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        let bytes = [UInt8](text.utf8)
        try writeXDROpaque(bytes, limit: limit, field, of: type)
    }

    /// Appends elements.
    ///
    /// - Errors: `.invalidValue` with the number of elements when it is not `count`.
    public mutating func writeXDRArray<Element: XDRCodable>(
        _ elements: [Element], count: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        try requireExactly(elements.count, count, field, of: type)
        for element in elements { try element.encode(into: &self) }
    }

    /// Appends the number of elements and the elements.
    ///
    /// - Errors: `.limitExceeded` when there are too many elements.
    public mutating func writeXDRArray<Element: XDRCodable>(
        _ elements: [Element], limit: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        try writeCount(elements.count, limit: limit, field, of: type)
        for element in elements { try element.encode(into: &self) }
    }

    /// Appends whether there is a value, then the value.
    public mutating func writeXDROptional<Wrapped: XDRCodable>(
        _ value: Wrapped?
    ) throws(WireError) {
        writeXDRBool(value != nil)
        if let value { try value.encode(into: &self) }
    }

    /// Makes an error about the field that would be written next.
    public func xdrError(
        _ code: WireError.Code, _ field: StaticString, of type: StaticString
    ) -> WireError {
        WireError(code: code, type: "\(type)", field: "\(field)", offset: count)
    }

    /// Appends a length word unless it is above the limit.
    private mutating func writeCount(
        _ value: Int, limit: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        guard let word = UInt32(exactly: value), word <= limit else {
            throw xdrError(
                .limitExceeded(value: UInt64(value), limit: UInt64(limit)), field, of: type)
        }
        write(word)
    }

    /// Throws unless a fixed number of things is there.
    private func requireExactly(
        _ value: Int, _ expected: UInt32, _ field: StaticString, of type: StaticString
    ) throws(WireError) {
        guard value == Int(expected) else {
            throw xdrError(.invalidValue(UInt64(value)), field, of: type)
        }
    }
}
