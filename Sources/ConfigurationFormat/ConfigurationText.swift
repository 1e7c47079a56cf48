// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A configuration file, as ctdbd reads it: `[section]`, `name = value`, and comments.
///
/// Space around names and values does not count, and a run of space inside counts as its first
/// character. A line that begins with `#` or `;` is a comment; there are no others, so that a value
/// may contain both. A line that ends in a backslash goes on in the next. Names of sections have
/// no case, names of settings do. Everything is read, and what is wrong is listed.
///
/// - Source: ctdb.conf(5); lib/util/tini.c, Samba 4.17.
public struct ConfigurationText: Equatable, Sendable {
    /// The beginning of a section.
    public struct Heading: Equatable, Sendable {
        /// The name between the brackets, just as it stands there.
        public var name: String
        /// The line, from 1.
        public var line: Int
    }

    /// A name and its value.
    public struct Setting: Equatable, Sendable {
        /// The section, in lower case; nil in front of the first.
        public var section: String?
        /// The name.
        public var name: String
        /// The value; nil when the line has no `=`.
        public var value: String?
        /// The line that it begins in, from 1.
        public var line: Int
    }

    /// The file, for messages.
    public let source: String
    /// The sections, in their order.
    public private(set) var headings: [Heading] = []
    /// The settings, in their order.
    public private(set) var settings: [Setting] = []
    /// What cannot be read, in its order.
    public private(set) var problems: [ConfigurationError] = []

    private typealias Bytes = ArraySlice<UInt8>
    private var section: String?

    /// Reads text; lines that cannot be read are left out, and listed.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - source: where it is from, for messages.
    public init(parsing bytes: [UInt8], source: String) {
        self.source = source
        var number = 0
        var rest = bytes[...]
        while !rest.isEmpty {
            let start = number + 1
            let line = Self.nextLine(&rest, &number)
            guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";")
            else { continue }
            read(line, start)
        }
    }

    /// Takes a line and those that it goes on in, with each run of space made one.
    private static func nextLine(_ rest: inout Bytes, _ number: inout Int) -> [UInt8] {
        var line: [UInt8] = []
        while true {
            number += 1
            let end = rest.firstIndex(of: 10)
            append(rest[..<(end ?? rest.endIndex)], to: &line)
            rest = end.map { rest[($0 + 1)...] } ?? []
            let isComment = line.first == UInt8(ascii: "#") || line.first == UInt8(ascii: ";")
            guard end != nil, !isComment, goesOn(&line), !rest.isEmpty else { break }
        }
        while let last = line.last, isSpace(last) { line.removeLast() }
        return line
    }

    private static func append(_ part: Bytes, to line: inout [UInt8]) {
        for byte in part {
            if isSpace(byte), line.last.map(isSpace) ?? true { continue }
            line.append(byte)
        }
    }

    /// Whether there is a backslash at the end, which is taken away.
    private static func goesOn(_ line: inout [UInt8]) -> Bool {
        let spaces = line.last.map(isSpace) == true ? 1 : 0
        guard line.dropLast(spaces).last == UInt8(ascii: "\\") else { return false }
        line.removeLast(1 + spaces)
        return true
    }

    private mutating func read(_ line: [UInt8], _ number: Int) {
        guard !line.contains(0) else { return add(.zeroByte, number) }
        guard String(validating: line, as: UTF8.self) != nil else { return add(.notText, number) }
        if line.first == UInt8(ascii: "[") { return readHeading(line, number) }
        let equals = line.firstIndex(of: UInt8(ascii: "=")) ?? line.endIndex
        let name = Self.text(line[..<equals])
        guard !name.isEmpty else { return add(.notASetting, number) }
        let value = equals < line.endIndex ? Self.text(line[(equals + 1)...]) : nil
        settings.append(Setting(section: section, name: name, value: value, line: number))
    }

    private mutating func readHeading(_ line: [UInt8], _ number: Int) {
        let end = line.firstIndex(of: UInt8(ascii: "]")) ?? line.endIndex
        let name = String(decoding: line[1..<end], as: UTF8.self)
        guard end == line.endIndex - 1, !name.isEmpty, !name.contains("[") else {
            // What follows belongs to a section that nobody can name.
            section = nil
            return add(.badSection, number)
        }
        headings.append(Heading(name: name, line: number))
        section = name.lowercased()
    }

    private mutating func add(_ problem: ConfigurationError.Problem, _ line: Int) {
        problems.append(ConfigurationError(source: source, line: line, problem: problem))
    }

    private static func text(_ bytes: Bytes) -> String {
        var rest = bytes
        if let first = rest.first, isSpace(first) { rest = rest.dropFirst() }
        if let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return String(decoding: rest, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0A
    }
}
