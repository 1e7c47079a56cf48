// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool

/// A run of the tool within this process, and what it printed.
struct ToolRun: Equatable {
    /// Standard output.
    var output: RawText
    /// Standard error.
    var errors: RawText
    /// The exit code.
    var code: Int32

    /// Runs the tool.
    init(_ arguments: [RawText], variables: [RawText: RawText] = [:], width: Int? = nil) {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        let sink = ToolOutput(
            standardOutput: { output += $0 }, standardError: { errors += $0 })
        code = LegacyTool.run(
            ToolEnvironment(
                arguments: arguments, variables: variables, terminalWidth: width),
            output: sink)
        self.output = RawText(bytes: output)
        self.errors = RawText(bytes: errors)
    }

    /// What a run ought to come to.
    init(output: RawText = "", errors: RawText = "", code: Int32) {
        self.output = output
        self.errors = errors
        self.code = code
    }
}
