// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The number of bytes that values of variable length take.
public enum XDRSize {
    /// The bytes themselves and the zeros behind them.
    ///
    /// - Source: RFC 4506, section 4.9.
    public static func padded(_ count: Int) -> Int { count &+ padding(count) }

    /// The zeros that follow `count` bytes, up to a multiple of four.
    public static func padding(_ count: Int) -> Int { (4 &- count & 3) & 3 }

    /// A length word, the bytes and their padding.
    public static func opaque(_ bytes: [UInt8]) -> Int { 4 &+ padded(bytes.count) }

    /// A length word, the text in UTF-8 and its padding.
    public static func string(_ text: String) -> Int { 4 &+ padded(text.utf8.count) }

    /// A length word and the elements.
    public static func list<Element: XDRCodable>(_ elements: [Element]) -> Int {
        4 &+ array(elements)
    }

    /// The elements alone, as an array of fixed length has them.
    public static func array<Element: XDRCodable>(_ elements: [Element]) -> Int {
        elements.reduce(0) { $0 &+ $1.byteCount }
    }

    /// A word that tells whether there is a value, then the value.
    public static func optional<Wrapped: XDRCodable>(_ value: Wrapped?) -> Int {
        4 &+ (value?.byteCount ?? 0)
    }
}
