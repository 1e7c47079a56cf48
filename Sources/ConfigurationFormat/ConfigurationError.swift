// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What is wrong with a configuration, and where.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A line of a file.
    public struct Place: Equatable, Sendable {
        /// The file.
        public var source: String
        /// The line, from 1.
        public var line: Int

        /// Makes a place.
        public init(source: String, line: Int) {
            self.source = source
            self.line = line
        }
    }

    /// What is wrong.
    public enum Problem: Equatable, Sendable {
        /// The file or folder cannot be read.
        case unreadable(reason: String, isMissing: Bool)
        /// A line is not UTF-8.
        case notText
        /// A line has a byte 0, where programs in C stop reading.
        case zeroByte
        /// A line is neither a section, a setting nor a comment.
        case notASetting
        /// A section's name has no closing bracket, something behind it, or nothing before it.
        case badSection
        /// A setting stands before the first section.
        case outsideSection
        /// A setting has been there before.
        case duplicate(String, first: Place)
        /// Nobody reads the section.
        case unknownSection(String, nearest: String?)
        /// Nobody reads the setting.
        case unknownSetting(String, section: String, nearest: String?)
        /// The value is not of the kind that the setting has.
        case badValue(String, setting: String, expected: String)
        /// A setting that is needed is not there.
        case missing(String, section: String)
    }

    /// The file.
    public var source: String
    /// The line, from 1; nil when it is not about a line.
    public var line: Int?
    /// What is wrong there.
    public var problem: Problem

    /// Makes an error.
    public init(source: String, line: Int?, problem: Problem) {
        self.source = source
        self.line = line
        self.problem = problem
    }

    /// One line for people: file, line, what is wrong and what was expected.
    public var description: String {
        let place = line.map { "\(source):\($0)" } ?? source
        return "\(place): \(text)"
    }

    /// What is wrong and what was expected, without the place.
    public var text: String {
        switch problem {
        case .unreadable(let reason, _): reason
        case .notText: "the line is not UTF-8 text"
        case .zeroByte: "there is a byte 0 in the line"
        case .notASetting: "expected [section], key = value, or a comment beginning with #"
        case .badSection: "expected a section name in brackets, such as [cluster]"
        case .outsideSection: "expected a [section] before the first setting"
        case .duplicate(let name, let first):
            "\(name) is in "
                + (first.source == source ? "" : "\(first.source), ")
                + "line \(first.line) already"
        case .unknownSection(let name, let nearest):
            "unknown section [\(name)]" + Self.question(nearest.map { "[\($0)]" })
        case .unknownSetting(let name, let section, let nearest):
            "unknown setting \(name) in [\(section)]" + Self.question(nearest)
        case .badValue(let value, let setting, let expected):
            "\(setting) = \(value): expected \(expected)"
        case .missing(let name, let section): "\(name) is missing in [\(section)]"
        }
    }

    private static func question(_ nearest: String?) -> String {
        nearest.map { "; did you mean \($0)?" } ?? ""
    }
}
