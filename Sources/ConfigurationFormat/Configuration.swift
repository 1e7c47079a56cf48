// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Settings in sections, from one file or from several that are read together.
///
/// A section may begin more than once, and in more than one file. A setting that is there twice is
/// an error, wherever the two are.
public struct Configuration: Equatable, Sendable {
    /// The most bytes that a configuration file may have.
    public static let byteLimit = 1 << 20

    /// Which settings each section may have; `word *` is for all sections whose names begin so.
    public typealias Schema = [String: Set<String>]

    /// What a schema has for a section: its own entry, or that of all with its first word.
    public static func pattern(of section: String) -> String? {
        section.firstIndex(of: " ").map { "\(section[..<$0]) *" }
    }

    /// The sections that there are, by name, which is in lower case.
    public var sectionNames: [String] { sections.keys.sorted() }

    struct Entry: Equatable, Sendable {
        var value: String
        var source: String
        var line: Int
    }

    private struct Section: Equatable, Sendable {
        var source: String
        var line: Int
        var entries: [String: Entry] = [:]
    }

    /// The file or the folder, for messages.
    public let source: String
    private var sections: [String: Section] = [:]

    /// Makes a configuration without settings.
    public init(source: String) { self.source = source }

    /// Reads text.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - source: where it is from, for messages.
    /// - Throws: the first line that is wrong.
    public init(parsing bytes: [UInt8], source: String) throws(ConfigurationError) {
        try self.init(
            merging: [ConfigurationText(parsing: bytes, source: source)], source: source)
    }

    /// Puts files together.
    ///
    /// - Parameters:
    ///   - texts: the files, in their order.
    ///   - source: the folder that they are from, for messages.
    /// - Throws: the first line that is wrong.
    public init(merging texts: [ConfigurationText], source: String) throws(ConfigurationError) {
        self.source = source
        for text in texts {
            if let problem = Self.problems(in: text).first { throw problem }
            for heading in text.headings {
                let name = heading.name.lowercased()
                guard sections[name] == nil else { continue }
                sections[name] = Section(source: text.source, line: heading.line)
            }
            for setting in text.settings {
                guard let section = setting.section, let value = setting.value else { continue }
                sections[section]?.entries[setting.name] = Entry(
                    value: value, source: text.source, line: setting.line)
            }
        }
        if let problem = Self.duplicates(in: texts).first { throw problem }
    }

    /// What is wrong with the form of a file, whatever its names mean, in the order of the lines.
    public static func problems(in text: ConfigurationText) -> [ConfigurationError] {
        var found = text.problems
        for setting in text.settings {
            let problem: ConfigurationError.Problem? =
                if setting.value == nil {
                    .notASetting
                } else if setting.section == nil {
                    .outsideSection
                } else {
                    nil
                }
            if let problem {
                found.append(
                    ConfigurationError(source: text.source, line: setting.line, problem: problem))
            }
        }
        return found.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    /// Settings that have been there before, in these files together.
    public static func duplicates(in texts: [ConfigurationText]) -> [ConfigurationError] {
        var places: [[String?]: ConfigurationError.Place] = [:]
        var found: [ConfigurationError] = []
        for text in texts {
            for setting in text.settings {
                let key = [setting.section, setting.name]
                if let first = places[key] {
                    found.append(
                        ConfigurationError(
                            source: text.source, line: setting.line,
                            problem: .duplicate(setting.name, first: first)))
                } else {
                    places[key] = .init(source: text.source, line: setting.line)
                }
            }
        }
        return found
    }

    /// Names everything that the schema does not have, in the order of the files and lines.
    ///
    /// - Parameters:
    ///   - schema: what is known.
    ///   - others: sections that somebody else reads.
    /// - Returns: what is wrong.
    public func unknownNames(
        in schema: Schema, besides others: Set<String> = []
    ) -> [ConfigurationError] {
        var found: [ConfigurationError] = []
        for (name, section) in sections where !others.contains(name) {
            guard let known = schema[name] ?? Self.pattern(of: name).flatMap({ schema[$0] })
            else {
                let names = Array(Set(schema.keys).union(others))
                found.append(
                    ConfigurationError(
                        source: section.source, line: section.line,
                        problem: .unknownSection(
                            name, nearest: NearestNames.of(name, among: names).first)))
                continue
            }
            for (key, entry) in section.entries where !known.contains(key) {
                let nearest = NearestNames.of(key, among: Array(known)).first
                found.append(
                    error(.unknownSetting(key, section: name, nearest: nearest), entry))
            }
        }
        return found.sorted { ($0.source, $0.line ?? 0) < ($1.source, $1.line ?? 0) }
    }

    /// A setting as it stands in the text.
    func entry(_ key: String, in section: String) -> Entry? {
        sections[section]?.entries[key]
    }

    /// Makes an error about a setting, or about the whole.
    func error(_ problem: ConfigurationError.Problem, _ entry: Entry?) -> ConfigurationError {
        ConfigurationError(
            source: entry?.source ?? source, line: entry?.line, problem: problem)
    }
}
