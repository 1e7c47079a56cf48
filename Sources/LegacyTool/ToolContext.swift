// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Vocabulary

/// What a command has to work with: options, output, and the conversation with ctdbd.
final class ToolContext {
    /// Names in the legacy tool's log, from the gravest.
    enum LogLevel: Int32 {
        case error = 0
        case warning = 1
        case notice = 3
        case info = 5
        case debug = 10
    }

    let options: ToolOptions
    let environment: ToolEnvironment
    let output: ToolOutput
    /// What is logged to standard error; the others are left out.
    let logLevel: Int32

    /// The conversation; nil for a command that runs without ctdbd.
    private(set) var administrator: Administrator?

    init(
        options: ToolOptions, environment: ToolEnvironment, output: ToolOutput, logLevel: Int32,
        administrator: Administrator? = nil
    ) {
        self.options = options
        self.environment = environment
        self.output = output
        self.logLevel = logLevel
        self.administrator = administrator
    }

    /// The conversation with ctdbd.
    var session: LegacySession {
        get throws(ToolExit) { try administration.session }
    }

    /// What an administrator does.
    var administration: Administrator {
        get throws(ToolExit) {
            guard let administrator else { throw ToolExit(1) }
            return administrator
        }
    }

    /// The node of `-n`, or the local one.
    var node: PNN { administrator?.node ?? .unknown }

    /// Writes to standard output.
    func print(_ text: RawText) { output.print(text) }

    /// Writes to standard error.
    func complain(_ text: RawText) { output.complain(text) }

    /// Writes to standard error when the level of `-d` has it.
    func log(_ level: LogLevel, _ text: RawText) {
        if level.rawValue <= logLevel { output.complain(text) }
    }

    /// Shows how the command is called; the run ends with 1.
    func usage(_ name: String) -> ToolExit {
        output.print(Usage.text(of: name, terminalWidth: environment.terminalWidth))
        return ToolExit(1)
    }

    /// Asks a node, and says on standard error what failed, as the legacy client does.
    ///
    /// - Parameters:
    ///   - query: what to ask.
    ///   - node: who is asked; nil is the node of `-n`.
    ///   - limit: how long; nil is the limit of `-t`.
    /// - Throws: the number that the legacy client function returns.
    func ask<Answer>(
        _ query: LegacyQuery<Answer>, of node: PNN? = nil, within limit: Duration? = nil
    ) throws(ToolExit) -> Answer {
        do throws(LegacyFailure) {
            return try session(orLose: ()).ask(
                query, of: node ?? self.node, within: limit ?? options.limit)
        } catch {
            throw ended(by: error)
        }
    }

    private func session(orLose: Void) throws(LegacyFailure) -> LegacySession {
        guard let administrator else {
            throw LegacyFailure(.noConnection("this command runs without ctdbd"))
        }
        return administrator.session
    }

    /// Logs a failure, and gives the number that it has for the legacy tool.
    func ended(by failure: LegacyFailure) -> ToolExit {
        ToolExit(1)
    }
}
