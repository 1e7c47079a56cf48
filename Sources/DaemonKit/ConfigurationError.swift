// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// What is wrong with a configuration, and where.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Equatable, Sendable {
        /// The file cannot be read.
        case unreadable(SystemError)
        /// The file is not UTF-8.
        case notText
        /// A line is neither a section, a setting nor a comment.
        case notASetting
        /// A section's name has no closing bracket, or nothing before it.
        case badSection
        /// A setting stands before the first section.
        case outsideSection
        /// A section or a setting has been there before.
        case duplicate(String, firstLine: Int)
        /// Nobody reads the section.
        case unknownSection(String)
        /// Nobody reads the setting.
        case unknownSetting(String, section: String)
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
        let text =
            switch problem {
            case .unreadable(let error): "\(error)"
            case .notText: "the file is not UTF-8 text"
            case .notASetting: "expected [section], key = value, or a comment beginning with #"
            case .badSection: "expected a section name in brackets, such as [cluster]"
            case .outsideSection: "expected a [section] before the first setting"
            case .duplicate(let name, let first): "\(name) is in line \(first) already"
            case .unknownSection(let name): "unknown section [\(name)]"
            case .unknownSetting(let name, let section):
                "unknown setting \(name) in [\(section)]"
            case .badValue(let value, let setting, let expected):
                "\(setting) = \(value): expected \(expected)"
            case .missing(let name, let section): "\(name) is missing in [\(section)]"
            }
        return "\(place): \(text)"
    }
}
