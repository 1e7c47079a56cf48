// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import Presentation

/// The installed legacy tool, which old spellings are handed to.
enum Wrapped {
    /// Where the legacy tool is when nobody says anything.
    static let usualPaths = ["/usr/bin/ctdb", "/usr/bin/ctdb.legacy", "/usr/libexec/ctdb/ctdb"]
    /// Names the legacy tool, or is `native` for the built-in one.
    static let variable = "CTDB_CLI_LEGACY"
    /// Set for what is run: the process, and how many such tools are above it.
    static let marker = "CTDB_CLI_WRAPPED"
    /// The legacy tool runs scripts that run `ctdb` again; more than this is a loop.
    static let depthLimit = 8

    /// What old spellings are answered by.
    enum Choice: Equatable {
        /// The program at a path.
        case program(String)
        /// This program's own code.
        case native
    }

    /// Finds out what old spellings are answered by.
    ///
    /// - Parameters:
    ///   - variable: the environment.
    ///   - process: the number of this process.
    ///   - own: which file this process runs.
    ///   - identity: which file a path leads to.
    /// - Returns: the program, or that there is none.
    /// - Throws: when what was configured is this program itself, or is not there.
    static func choose(
        variable: (String) -> String?, process: Int32, own: Program.Identity?,
        identity: (String) -> Program.Identity?
    ) throws(Problem) -> Choice {
        let configured = variable(Self.variable)
        if configured == "native" { return .native }
        if let configured, !configured.isEmpty {
            guard let found = identity(configured) else {
                throw Problem(
                    .usage, Self.variable, "\(configured) is no program",
                    advice: "name the legacy tool, or native")
            }
            guard found != own else {
                throw Problem(
                    .usage, Self.variable, "\(configured) is this program itself",
                    advice: "name the legacy tool, or native")
            }
            try refuseLoop(variable, process)
            return .program(configured)
        }
        for path in usualPaths {
            guard let found = identity(path), found != own else { continue }
            try refuseLoop(variable, process)
            return .program(path)
        }
        return .native
    }

    /// What the marker is to be for what is run by a process.
    static func mark(variable: (String) -> String?, process: Int32) -> String {
        "\(process) \((marked(variable)?.depth ?? 0) + 1)"
    }

    private static func marked(_ variable: (String) -> String?) -> (process: Int32, depth: Int)? {
        let words = (variable(marker) ?? "").split(separator: " ")
        guard words.count == 2, let process = Int32(words[0]), let depth = Int(words[1]) else {
            return nil
        }
        return (process, max(0, min(depth, depthLimit)))
    }

    /// A process that became the legacy tool, and is this program again, would never end.
    private static func refuseLoop(
        _ variable: (String) -> String?, _ process: Int32
    ) throws(Problem) {
        guard let (marked, depth) = marked(variable),
            marked == process || depth >= depthLimit
        else { return }
        throw Problem(
            .usage, "run the legacy tool",
            "what was run as the legacy tool leads back to this program",
            advice: "let \(Self.variable) name the legacy tool, or native")
    }
}
