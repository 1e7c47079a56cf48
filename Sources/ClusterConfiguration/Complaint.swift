// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat

/// Something about a configuration that somebody should know.
public struct Complaint: Error, Equatable, Sendable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: String, Sendable {
        /// The file does not do what it says, or a daemon refuses it.
        case error
        /// It works, and is likely not what was meant.
        case warning
    }

    /// The file.
    public var file: String
    /// The line, from 1; nil when it is about the whole file.
    public var line: Int?
    /// The setting, variable, tunable or address.
    public var key: String?
    /// What is wrong.
    public var what: String
    /// What was likely meant.
    public var nearest: String?
    /// How bad it is.
    public var severity: Severity

    /// Makes a complaint.
    public init(
        _ severity: Severity = .error, file: String, line: Int? = nil, key: String? = nil,
        _ what: String, nearest: String? = nil
    ) {
        self.file = file
        self.line = line
        self.key = key
        self.what = what
        self.nearest = nearest
        self.severity = severity
    }

    /// A complaint about the form of a file.
    public init(_ error: ConfigurationError) {
        self.init(file: error.source, line: error.line, error.text)
        switch error.problem {
        case .duplicate(let name, _), .missing(let name, _): key = name
        case .unknownSection(let name, let nearest):
            what = "unknown section"
            key = "[\(name)]"
            self.nearest = nearest.map { "[\($0)]" }
        case .unknownSetting(let name, let section, let nearest):
            what = "unknown setting in [\(section)]"
            key = name
            self.nearest = nearest
        case .badValue(let value, let setting, let expected):
            what = "\"\(value.prefix(80))\": expected \(expected)"
            key = setting
        default: break
        }
    }

    /// One line for people.
    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        let name = key.map { "\($0): " } ?? ""
        let question = nearest.map { "; did you mean \($0)?" } ?? ""
        return "\(place): \(severity.rawValue): \(name)\(what)\(question)"
    }

    /// By file, then by line.
    static func isBefore(_ left: Complaint, _ right: Complaint) -> Bool {
        (left.file, left.line ?? 0) < (right.file, right.line ?? 0)
    }
}
