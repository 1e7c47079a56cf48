// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// Settings in sections, as in ctdb.conf: `[section]`, `key = value`, and comments after `#`.
///
/// Space around names and values does not count, and a run of space inside a name counts as one. A
/// comment has a line of its own, so that a value may contain `#`.
///
/// - Source: ctdb.conf(5).
public struct Configuration: Equatable, Sendable {
    /// The most bytes that a configuration file may have.
    public static let byteLimit = 1 << 20

    /// Which settings each section may have.
    public typealias Schema = [String: Set<String>]

    struct Entry: Equatable, Sendable {
        var value: String
        var line: Int
    }

    private struct Section: Equatable, Sendable {
        var line: Int
        var entries: [String: Entry] = [:]
    }

    /// The file, for messages.
    public let source: String
    private var sections: [String: Section] = [:]

    /// Makes a configuration without settings.
    public init(source: String) { self.source = source }

    /// Reads a file.
    public init(readingFrom path: String) throws(ConfigurationError) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try SmallFile.read(path, limit: Self.byteLimit)
        } catch {
            throw ConfigurationError(source: path, line: nil, problem: .unreadable(error))
        }
        try self.init(parsing: bytes, source: path)
    }

    /// Reads text.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - source: where it is from, for messages.
    /// - Throws: the first line that is wrong.
    public init(parsing bytes: [UInt8], source: String) throws(ConfigurationError) {
        self.source = source
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(source: source, line: nil, problem: .notText)
        }
        var current: String?
        var number = 0
        for line in text.utf8.split(separator: 10, omittingEmptySubsequences: false) {
            number += 1
            let words = Self.trim(line)
            switch words.first {
            case nil, UInt8(ascii: "#"): continue
            case UInt8(ascii: "["): current = try beginSection(words, number)
            default: try addSetting(words, to: current, number)
            }
        }
    }

    /// Names everything that the schema does not have, in the order of the lines.
    public func unknownNames(in schema: Schema) -> [ConfigurationError] {
        var found: [ConfigurationError] = []
        for (name, section) in sections {
            guard let known = schema[name] else {
                found.append(error(.unknownSection(name), section.line))
                continue
            }
            for (key, entry) in section.entries where !known.contains(key) {
                found.append(error(.unknownSetting(key, section: name), entry.line))
            }
        }
        return found.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    /// A setting as it stands in the text.
    func entry(_ key: String, in section: String) -> Entry? {
        sections[section]?.entries[key]
    }

    /// Makes an error about this configuration.
    func error(_ problem: ConfigurationError.Problem, _ line: Int?) -> ConfigurationError {
        ConfigurationError(source: source, line: line, problem: problem)
    }

    private mutating func beginSection(
        _ words: Substring.UTF8View, _ line: Int
    ) throws(ConfigurationError) -> String {
        guard words.last == UInt8(ascii: "]") else { throw error(.badSection, line) }
        let name = Self.name(words.dropFirst().dropLast())
        guard !name.isEmpty, !name.contains("["), !name.contains("]") else {
            throw error(.badSection, line)
        }
        if let first = sections[name]?.line {
            throw error(.duplicate("[\(name)]", firstLine: first), line)
        }
        sections[name] = Section(line: line)
        return name
    }

    private mutating func addSetting(
        _ words: Substring.UTF8View, to section: String?, _ line: Int
    ) throws(ConfigurationError) {
        guard let equals = words.firstIndex(of: UInt8(ascii: "=")) else {
            throw error(.notASetting, line)
        }
        let key = Self.name(words[..<equals])
        guard !key.isEmpty else { throw error(.notASetting, line) }
        guard let section else { throw error(.outsideSection, line) }
        if let first = sections[section]?.entries[key]?.line {
            throw error(.duplicate(key, firstLine: first), line)
        }
        let value = String(Substring(Self.trim(words[words.index(after: equals)...])))
        sections[section]?.entries[key] = Entry(value: value, line: line)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D
    }

    private static func trim(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var rest = text.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }

    private static func name(_ text: Substring.UTF8View) -> String {
        text.split(whereSeparator: isSpace).map { String(Substring($0)) }.joined(separator: " ")
    }
}
