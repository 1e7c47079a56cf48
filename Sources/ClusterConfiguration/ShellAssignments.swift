// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A file that a shell reads, of lines like `NAME=value`.
///
/// Values may be quoted as shells do it, also over several lines; what follows a `#` after a space
/// is a comment. Nothing is run: a line that is anything else is kept as it is.
///
/// - Source: POSIX.1-2017, Shell Command Language, sections 2.2 and 2.9.1.
public struct ShellAssignments: Equatable, Sendable {
    /// A variable and its value.
    public struct Assignment: Equatable, Sendable {
        /// The variable.
        public var name: String
        /// The value, without quotes.
        public var value: String
        /// Whether the shell would put something else in its place.
        public var isExpanded: Bool
        /// The line that it begins in, from 1.
        public var line: Int
    }

    /// A line that is no assignment.
    public struct Other: Equatable, Sendable {
        /// The text.
        public var text: String
        /// The line, from 1.
        public var line: Int
        /// What it should have been; nil when it is a command of the shell.
        public var fault: String?
    }

    /// The assignments, in their order.
    public private(set) var assignments: [Assignment] = []
    /// All the rest, comments left out.
    public private(set) var others: [Other] = []

    private enum Ascii {
        static let quote = UInt8(ascii: "'")
        static let double = UInt8(ascii: "\"")
        static let backslash = UInt8(ascii: "\\")
        static let hash = UInt8(ascii: "#")
        static let equals = UInt8(ascii: "=")
    }

    private let bytes: [UInt8]
    private var at = 0
    private var line = 1

    /// Reads a file.
    public init(parsing bytes: [UInt8]) {
        self.bytes = bytes
        while at < bytes.count { readLine() }
    }

    private mutating func readLine() {
        skipSpace()
        let start = at
        let first = line
        guard let byte = peek, byte != 10, byte != Ascii.hash else { return skipLine() }
        if bytes[at...].starts(with: "export ".utf8) {
            at += 7
            skipSpace()
        }
        let name = takeName()
        guard !name.isEmpty, peek == Ascii.equals else {
            at = start
            return keepLine(fault: nil)
        }
        at += 1
        guard let (value, isExpanded) = takeValue() else {
            at = start
            line = first
            return keepLine(fault: "a quote is not closed")
        }
        let wasSpace = peek.map(Self.isSpace) ?? false
        skipSpace()
        guard
            peek == nil || peek == 10 || peek == 13 || (wasSpace && peek == Ascii.hash)
                || peek == UInt8(ascii: ";") && (at + 1 == bytes.count || bytes[at + 1] == 10)
        else {
            at = start
            line = first
            return keepLine(fault: value.isEmpty && wasSpace ? "there is a space behind =" : nil)
        }
        guard let text = String(validating: value, as: UTF8.self), !value.contains(0) else {
            at = start
            line = first
            return keepLine(fault: "the line is not plain text")
        }
        assignments.append(
            Assignment(name: name, value: text, isExpanded: isExpanded, line: first))
        skipLine()
    }

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private mutating func skipSpace() {
        while let byte = peek, Self.isSpace(byte) { at += 1 }
    }

    private mutating func skipLine() {
        at = bytes[at...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
        line += 1
    }

    private mutating func keepLine(fault: String?) {
        let end = bytes[at...].firstIndex(of: 10) ?? bytes.count
        var text = bytes[at..<end]
        if text.last == 13 { text = text.dropLast() }
        others.append(
            Other(text: String(decoding: text, as: UTF8.self), line: line, fault: fault))
        skipLine()
    }

    private mutating func takeName() -> String {
        let start = at
        while let byte = peek {
            let isLetter = (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80
            let isDigit = (0x30...0x39).contains(byte) && at > start
            guard isLetter || isDigit || byte == UInt8(ascii: "_") else { break }
            at += 1
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// Takes a word as the shell does; nil when a quote is not closed.
    private mutating func takeValue() -> (value: [UInt8], isExpanded: Bool)? {
        var value: [UInt8] = []
        var isExpanded = false
        var quote: UInt8?
        while let byte = peek {
            if quote == nil, byte == 10 || byte == 13 || Self.isSpace(byte) || Self.ends(byte) {
                break
            }
            at += 1
            if byte == 10 { line += 1 }
            if quote == Ascii.quote {
                if byte == Ascii.quote { quote = nil } else { value.append(byte) }
            } else if byte == Ascii.backslash {
                takeEscaped(&value, inQuotes: quote != nil)
            } else if byte == Ascii.double {
                quote = quote == nil ? Ascii.double : nil
            } else if byte == Ascii.quote, quote == nil {
                quote = Ascii.quote
            } else {
                if byte == UInt8(ascii: "$") || byte == UInt8(ascii: "`") { isExpanded = true }
                value.append(byte)
            }
        }
        return quote == nil ? (value, isExpanded) : nil
    }

    private mutating func takeEscaped(_ value: inout [UInt8], inQuotes: Bool) {
        guard let next = peek else { return value.append(Ascii.backslash) }
        at += 1
        if next == 10 {
            line += 1
            return
        }
        if inQuotes, !Array("\\\"$`".utf8).contains(next) { value.append(Ascii.backslash) }
        value.append(next)
    }

    /// What ends a word outside of quotes.
    private static func ends(_ byte: UInt8) -> Bool {
        Array(";&|<>()".utf8).contains(byte)
    }
}
