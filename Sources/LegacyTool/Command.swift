// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A command of the legacy tool.
///
/// Its code is a static function of `Commands`, in files by topic: `Commands+Nodes.swift`.
struct Command: Sendable {
    /// What a command does: gets its arguments, gives the tool's exit code.
    typealias Code = @Sendable (ToolContext, [RawText]) throws(ToolExit) -> Int32

    /// How it is called.
    var name: String
    /// Whether it is for the node with `-n` as well.
    var isRemote: Bool
    /// Whether it runs without ctdbd.
    var isOffline: Bool
    /// What it does, for people.
    var summary: String
    /// Its arguments, for people.
    var arguments: String
    /// What it does.
    var code: Code

    /// Makes a command.
    init(
        _ name: String, _ summary: String, takes arguments: String = "", remote: Bool = false,
        offline: Bool = false, _ code: @escaping Code
    ) {
        self.name = name
        self.arguments = arguments
        self.summary = summary
        isRemote = remote
        isOffline = offline
        self.code = code
    }

    /// The command of a name.
    static func named(_ name: RawText) -> Command? { table.first { name == $0.name } }

    /// Its line in the help.
    var helpLine: String {
        "  \(name.padded(to: 15)) \(arguments.padded(to: 27))  \(summary)\n"
    }
}

/// The commands' code.
enum Commands {}
