// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A column of a table, or a fact that stands alone: its name and what it means.
public struct Column: Equatable, Sendable {
    /// What kind of value is in it.
    public enum Kind: String, Sendable {
        /// `Value.flag`.
        case flag
        /// `Value.number` or `Value.unsigned`.
        case number
        /// `Value.real`.
        case real
        /// `Value.text`.
        case text
        /// A list of texts.
        case words
        /// A list of numbers.
        case numbers
        /// Objects, as the summary says.
        case objects
    }

    /// The name in JSON; the heading of a table is made of it.
    public var name: String
    /// What kind of value it is; any of them may be `none`.
    public var kind: Kind
    /// What it means, with its unit.
    public var summary: String

    /// Makes a column.
    public init(_ name: String, _ kind: Kind, _ summary: String) {
        self.name = name
        self.kind = kind
        self.summary = summary
    }

    /// The heading for people.
    var title: String { String(name.uppercased().map { $0 == "_" ? " " : $0 }) }
}

/// What a kind of report has in it, always in the same order.
public struct Schema: Equatable, Sendable {
    /// How people see the rows of a table.
    public enum Layout: Sendable {
        /// A line for each row.
        case lines
        /// A line for each cell, with its name in front, and a blank line between two rows.
        case blocks
    }

    /// A table of a report.
    public struct Table: Equatable, Sendable {
        /// The name in JSON.
        public var name: String
        /// Its columns.
        public var columns: [Column]
        /// How people see its rows.
        public var layout: Layout

        /// Makes a table's description.
        public init(_ name: String, _ columns: [Column], layout: Layout = .lines) {
            self.name = name
            self.columns = columns
            self.layout = layout
        }
    }

    /// The name of the kind, such as `node.list`.
    public var name: String
    /// Grows when a field is taken away or changes its meaning; new fields may come without.
    public var version: Int
    /// What stands alone.
    public var facts: [Column]
    /// What comes in rows.
    public var tables: [Table]

    /// Makes a description.
    public init(
        _ name: String, version: Int = 1, facts: [Column] = [], tables: [Table] = []
    ) {
        self.name = name
        self.version = version
        self.facts = facts
        self.tables = tables
    }

    /// A report that is one table.
    public init(_ name: String, rows table: String, _ columns: [Column]) {
        self.init(name, tables: [Table(table, columns)])
    }

    /// The name and version as JSON has them.
    public var identifier: String { "ctdb.\(name)/\(version)" }
}

/// A row of a table.
public struct Row: Equatable, Sendable {
    /// How it looks to somebody who glances at it.
    public enum Tone: Sendable {
        /// Nothing to say.
        case plain
        /// As it should be.
        case good
        /// Somebody should look.
        case warning
        /// Something is broken.
        case bad
    }

    /// A value for each column.
    public var cells: [Value]
    /// How it looks.
    public var tone: Tone
    /// Why some cells are none; nil when nothing failed.
    public var problem: String?

    /// Makes a row.
    public init(_ cells: [Value], tone: Tone = .plain, problem: String? = nil) {
        self.cells = cells
        self.tone = tone
        self.problem = problem
    }
}

/// Something that failed: what, where, why, and what to do.
public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of failure; each has its exit code.
    public enum Kind: Int32, Sendable, CaseIterable {
        /// ctdbd, or another program, refused or could not do it.
        case failed = 1
        /// The command line is wrong.
        case usage = 2
        /// Some nodes did not answer; the rest is complete.
        case incomplete = 3
        /// There is no connection to the local daemon.
        case notConnected = 4
        /// No answer came within the time limit.
        case timedOut = 5
    }

    /// What kind of failure.
    public var kind: Kind
    /// The node that it happened on, where there is one.
    public var node: UInt32?
    /// What was tried.
    public var what: String
    /// Why it failed.
    public var why: String
    /// What to do.
    public var advice: String?

    /// Makes a problem.
    public init(
        _ kind: Kind, node: UInt32? = nil, _ what: String, _ why: String, advice: String? = nil
    ) {
        self.kind = kind
        self.node = node
        self.what = what
        self.why = why
        self.advice = advice
    }

    /// One line for people.
    public var description: String {
        let place = node.map { "node \($0): " } ?? ""
        let text = what.isEmpty ? why : "\(what): \(why)"
        return Plain.line(place + text + (advice.map { " (\($0))" } ?? ""))
    }
}

/// What a command has found out or done.
public struct Report: Equatable, Sendable {
    /// What is in it.
    public var schema: Schema
    /// A value for each of the schema's facts.
    public var facts: [Value]
    /// Rows for each of the schema's tables.
    public var tables: [[Row]]
    /// What went wrong on the way.
    public var problems: [Problem]
    /// What people should know besides; it is in JSON, too.
    public var notes: [String]

    /// Makes a report.
    public init(
        _ schema: Schema, facts: [Value] = [], tables: [[Row]] = [], problems: [Problem] = [],
        notes: [String] = []
    ) {
        self.schema = schema
        self.facts = facts
        self.tables = tables
        self.problems = problems
        self.notes = notes
    }

    /// A report that is one table.
    public init(
        _ schema: Schema, rows: [Row], problems: [Problem] = [], notes: [String] = []
    ) {
        self.init(schema, tables: [rows], problems: problems, notes: notes)
    }

    /// The exit code: 0, that of the only kind of problem, or 1 for a failure among others.
    public var exitCode: Int32 { Self.exitCode(of: problems) }

    /// The exit code that says what kind of problems there are.
    public static func exitCode(of problems: [Problem]) -> Int32 {
        let kinds = Set(problems.map(\.kind))
        guard let first = kinds.first else { return 0 }
        return kinds.count == 1 ? first.rawValue : Problem.Kind.failed.rawValue
    }
}
