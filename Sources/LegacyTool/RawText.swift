// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Text as the system hands it over: bytes, mostly UTF-8, with anything else kept as it is.
///
/// A literal may hold other raw text, numbers and strings: `"Invalid IP address \(argument)\n"`.
public struct RawText: Hashable, Sendable, ExpressibleByStringInterpolation {
    /// The bytes, without a NUL at the end.
    public var bytes: [UInt8]

    /// Makes text from bytes.
    public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// Makes text from a string.
    public init(_ string: String) { bytes = Array(string.utf8) }

    /// Makes text from a literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// Makes text from a literal with values in it.
    public init(stringInterpolation: Interpolation) { bytes = stringInterpolation.bytes }

    /// The text as a string; what is not UTF-8 is replaced.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether the text begins with a string's bytes.
    public func hasPrefix(_ prefix: String) -> Bool { bytes.starts(with: prefix.utf8) }

    /// Whether the text is a string, byte for byte.
    public static func == (text: RawText, string: String) -> Bool {
        text.bytes.elementsEqual(string.utf8)
    }

    /// Two texts behind each other.
    public static func + (first: RawText, second: RawText) -> RawText {
        RawText(bytes: first.bytes + second.bytes)
    }

    /// Collects the parts of a literal.
    public struct Interpolation: StringInterpolationProtocol {
        var bytes: [UInt8] = []

        /// Makes room for a literal.
        public init(literalCapacity: Int, interpolationCount: Int) {
            bytes.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        /// Adds a literal part.
        public mutating func appendLiteral(_ literal: String) { bytes += Array(literal.utf8) }

        /// Adds text byte for byte.
        public mutating func appendInterpolation(_ text: RawText) { bytes += text.bytes }

        /// Adds a string.
        public mutating func appendInterpolation(_ text: String) { bytes += Array(text.utf8) }

        /// Adds a number.
        public mutating func appendInterpolation(_ number: some BinaryInteger) {
            bytes += Array(String(number).utf8)
        }
    }
}
