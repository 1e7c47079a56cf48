// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// One thing that a report says, of whatever type.
public enum Value: Equatable, Sendable {
    /// Not known, or there is none.
    case none
    /// Yes or no.
    case flag(Bool)
    /// A whole number.
    case number(Int64)
    /// A whole number that has no sign.
    case unsigned(UInt64)
    /// A number with a fraction.
    case real(Double)
    /// Text, which may come from outside and have any character in it.
    case text(String)
    /// Several things.
    case list([Value])
    /// Several things with names.
    case object([Field])

    /// A number of 32 bits.
    public static func number(_ number: UInt32) -> Value { .number(Int64(number)) }

    /// Several words.
    public static func words(_ words: [String]) -> Value { .list(words.map { .text($0) }) }

    /// The thing, or none.
    public init(_ text: String?) { self = text.map { .text($0) } ?? .none }
}

/// A thing and its name.
public struct Field: Equatable, Sendable {
    /// The name, in lower case, words joined by `_`.
    public var name: String
    /// What it says.
    public var value: Value

    /// Makes a field.
    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}
