// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import Sockets
import Vocabulary

/// The legacy command line `ctdb`, byte for byte: standard output, standard error, exit code.
public enum LegacyTool {
    /// Runs the tool once.
    ///
    /// - Parameters:
    ///   - environment: arguments and environment variables.
    ///   - output: where it writes.
    /// - Returns: the exit code.
    public static func run(_ environment: ToolEnvironment, output: ToolOutput) -> Int32 {
        defer { output.flush() }
        guard let name = environment.arguments.first else { return 1 }
        guard let command = Command.named(name) else {
            output.complain("Unknown command '\(name)'\n")
            return 1
        }
        let context = ToolContext(
            options: ToolOptions(), environment: environment, output: output, logLevel: 0)
        do throws(ToolExit) {
            return try command.code(context, Array(environment.arguments.dropFirst()))
        } catch {
            return error.code
        }
    }
}
