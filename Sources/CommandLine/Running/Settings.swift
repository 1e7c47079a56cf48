// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What the options say that every verb has.
public struct Settings: Equatable, Sendable {
    /// How a report is written.
    public enum Format: Sendable {
        /// Tables for people.
        case table
        /// JSON, one object a line.
        case json
        /// Columns for scripts.
        case porcelain
    }

    /// How long a command may take when nobody says anything.
    public static let usualTimeout: UInt64 = 10
    /// How long a command that changes something may take when nobody says anything.
    public static let usualTimeoutOfChanges: UInt64 = 120
    /// The pause between two looks.
    public static let usualPause: UInt64 = 2

    /// The nodes that are asked; nil is what the verb asks by itself.
    public var nodes: NodeChoice?
    /// How long the whole command may take; nil is what is usual for the verb.
    public var timeoutSeconds: UInt64?
    /// How reports are written.
    public var format = Format.table
    /// The pause between two looks; nil is one look.
    public var watchSeconds: UInt64?
    /// Whether changes are only told.
    public var isDryRun = false
    /// Whether a list ends at the first failure.
    public var isFailFast = false
    /// Whether there is colour; nil asks the terminal.
    public var hasColour: Bool?
    /// ctdbd's socket; nil is the usual one.
    public var socketPath: String?
    /// The directory of the sockets of this node's daemons; nil is the usual one.
    public var runDirectory: String?

    /// The usual settings.
    public init() {}

    /// The options that every verb has.
    public static let options: [Option] = [
        Option(
            "node", short: "n",
            value: Parameter("nodes", .nodes, "numbers separated by commas, or all"),
            "Ask these nodes; what is asked by itself depends on the verb."),
        Option(
            "timeout", short: "t",
            value: Parameter("seconds", .number(1...86_400), "seconds"),
            "Let the whole command take so many seconds; if not given, \(usualTimeout), and "
                + "\(usualTimeoutOfChanges) for what changes something."),
        Option("json", "Write JSON and nothing else, one object a line."),
        Option("porcelain", "Write columns for scripts, separated by tabs."),
        Option(
            "watch", value: Parameter("seconds", .number(1...86_400), "seconds", isOptional: true),
            "Look again after every \(usualPause) seconds, or so many, until interrupted."),
        Option("dry-run", "Say what would be changed, and change nothing."),
        Option("fail-fast", "End a list at the first line that fails."),
        Option("colour", "Use colour, terminal or not."),
        Option("no-colour", "Use no colour. The variable NO_COLOR means the same."),
        Option("socket", value: Parameter("path", .file, "a path"), "ctdbd's client socket."),
        Option("help", short: "h", "Explain the command."),
    ]

    /// Takes an option that every verb has.
    mutating func take(_ name: String, _ value: Argument?) {
        switch (name, value) {
        case ("node", .nodes(let choice)): nodes = choice
        case ("timeout", .number(let seconds)): timeoutSeconds = seconds
        case ("json", _): format = .json
        case ("porcelain", _): format = .porcelain
        case ("watch", .number(let seconds)): watchSeconds = seconds
        case ("watch", _): watchSeconds = Self.usualPause
        case ("dry-run", _): isDryRun = true
        case ("fail-fast", _): isFailFast = true
        case ("colour", _): hasColour = true
        case ("no-colour", _): hasColour = false
        case ("socket", .text(let path)): socketPath = path
        default: break
        }
    }
}
