// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What a run of the tool is given by its surroundings.
public struct ToolEnvironment: Sendable {
    /// The arguments, without the program's name.
    public var arguments: [RawText]
    /// The environment variables.
    public var variables: [String: RawText]
    /// The process's number.
    public var processID: Int32
    /// The width of the terminal that standard output is; nil when it is none.
    public var terminalWidth: Int?

    /// Makes surroundings.
    public init(
        arguments: [RawText], variables: [String: RawText], processID: Int32,
        terminalWidth: Int? = nil
    ) {
        self.arguments = arguments
        self.variables = variables
        self.processID = processID
        self.terminalWidth = terminalWidth
    }
}
