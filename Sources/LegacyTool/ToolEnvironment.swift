// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// What a run of the tool is given by its surroundings.
public struct ToolEnvironment: Sendable {
    /// The arguments, without the program's name.
    public var arguments: [RawText]
    /// The environment variables.
    public var variables: [RawText: RawText]
    /// The width of the terminal that standard output is; nil when it is none.
    public var terminalWidth: Int?
    /// Whether the run is the whole process, which then ends by itself after the longest time that
    /// options allow, and in test mode leads a process group.
    public var isWholeProcess: Bool
    /// What `ctdb version` says.
    public var version: String

    /// Makes surroundings.
    public init(
        arguments: [RawText], variables: [RawText: RawText], terminalWidth: Int? = nil,
        isWholeProcess: Bool = false, version: String = "4.17.12-Debian"
    ) {
        self.arguments = arguments
        self.variables = variables
        self.terminalWidth = terminalWidth
        self.isWholeProcess = isWholeProcess
        self.version = version
    }

    /// The process's own.
    public static func ofProcess() -> ToolEnvironment {
        let variables = ProcessEnvironment.rawVariables().map {
            (RawText(bytes: $0.name), RawText(bytes: $0.value))
        }
        return ToolEnvironment(
            arguments: ProcessEnvironment.rawArguments().dropFirst().map { RawText(bytes: $0) },
            variables: Dictionary(variables) { first, _ in first },
            terminalWidth: ProcessEnvironment.terminalWidth(), isWholeProcess: true)
    }

    /// The value of a variable.
    subscript(name: String) -> RawText? { variables[RawText(name)] }

    /// Whether `CTDB_TEST_MODE` moves every path below `CTDB_BASE`.
    var isTestMode: Bool { self["CTDB_TEST_MODE"] != nil }

    /// ctdbd's socket; nil in a test mode without `CTDB_BASE`.
    var socketPath: RawText? {
        if let path = self["CTDB_SOCKET"] { return path }
        guard isTestMode else { return "/run/ctdb/ctdbd.socket" }
        return self["CTDB_BASE"].map { $0 + "/run/ctdbd.socket" }
    }

    /// The nodes file, which `CTDB_BASE` moves in every mode.
    var nodesPath: RawText { (self["CTDB_BASE"] ?? "/etc/ctdb") + "/nodes" }

    /// The program of a name, or what a variable says instead.
    func program(_ name: String, variable: String) -> RawText {
        self[variable] ?? RawText("/usr/libexec/ctdb/" + name)
    }
}
