// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Vocabulary

/// What a command has to work with: options, output, and the conversation with ctdbd.
final class ToolContext {
    /// Levels of the legacy tool's log, from the gravest.
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
    /// What is logged to standard error; what is above it is left out.
    let logLevel: Int32
    /// What an administrator does; nil for a command that runs without ctdbd.
    var administrator: Administrator?
    /// Answers controls whose function another daemon has; nil leaves all of them to ctdbd.
    var detour: (any ControlDetour)?
    /// Whether the command waits until a node is in a state.
    var isWaitingForState = false

    init(
        options: ToolOptions, environment: ToolEnvironment, output: ToolOutput, logLevel: Int32
    ) {
        self.options = options
        self.environment = environment
        self.output = output
        self.logLevel = logLevel
    }

    /// What an administrator does.
    var administration: Administrator {
        get throws(ToolExit) {
            guard let administrator else { throw ToolExit(1) }
            return administrator
        }
    }

    /// The conversation with ctdbd.
    var session: LegacySession {
        get throws(ToolExit) { try administration.session }
    }

    /// The node of `-n`, or the local one.
    var node: PNN { administrator?.node ?? .unknown }

    /// The local node.
    var localNode: PNN { administrator?.session.pnn ?? .unknown }

    // MARK: Output

    /// Writes to standard output.
    func print(_ text: RawText) { output.print(text) }

    /// Writes to standard error.
    func complain(_ text: RawText) { output.complain(text) }

    /// Writes to standard error when the level of `-d` has it.
    func log(_ level: LogLevel, _ text: RawText) {
        if level.rawValue <= logLevel { output.complain(text) }
    }

    /// Writes columns for programs: the separator in front of, between and behind them.
    func printColumns(_ columns: [RawText]) {
        let separator = options.separator
        print(columns.reduce(separator) { $0 + $1 + separator } + "\n")
    }

    /// Shows how the command is called; the run ends with 1.
    func usage(_ name: String) -> ToolExit {
        output.print(Usage.text(of: name, terminalWidth: environment.terminalWidth))
        return ToolExit(1, isFinal: true)
    }

    // MARK: Questions

    /// Asks a node, and says on standard error what failed, as the legacy client does.
    ///
    /// - Parameters:
    ///   - query: what to ask.
    ///   - node: who is asked; nil is the node of `-n`.
    ///   - complaint: what the command says besides when it failed.
    /// - Returns: the answer.
    /// - Throws: the number that the legacy client's function returns.
    func ask<Answer>(
        _ query: LegacyQuery<Answer>, of node: PNN? = nil, complaint: RawText? = nil
    ) throws(ToolExit) -> Answer {
        let session = try session
        do throws(LegacyFailure) {
            return try session.ask(query, of: node ?? self.node, within: options.limit)
        } catch {
            let exit = logged(error)
            if let complaint, !exit.isFinal { complain(complaint) }
            throw exit
        }
    }

    /// Asks a node to do something.
    ///
    /// - Returns: the status, which is 0 or more.
    @discardableResult
    func perform(
        _ request: ControlRequest, of node: PNN? = nil, complaint: RawText? = nil
    ) throws(ToolExit) -> UInt32 {
        try ask(.command(request), of: node, complaint: complaint)
    }

    /// Does what an administrator does, and says on standard error what failed.
    func administer<Result>(
        _ work: (Administrator) throws(AdministrationFailure) -> Result
    ) throws(ToolExit) -> Result {
        let administrator = try administration
        do throws(AdministrationFailure) {
            return try work(administrator)
        } catch {
            throw complaint(about: error)
        }
    }

    /// The nodes and their states; without them the command ends with 1.
    func nodeMap() throws(ToolExit) -> NodeMap {
        try administer { (administrator) throws(AdministrationFailure) in
            try administrator.nodeMap()
        }
    }

    /// Logs a failure of a control, and gives the number that it has for the legacy tool.
    func logged(_ failure: LegacyFailure) -> ToolExit {
        let name = failure.opcode?.legacyName ?? "0"
        switch failure.cause {
        case .refused(let status, _):
            log(.error, "Control \(name) failed, ret=\(status)\n")
        case .noConnection, .notConnected:
            log(.notice, "connection to daemon closed, exiting\n")
        case .timedOut, .unreadable, .unexpected, .unwritable:
            let node = failure.node?.rawValue ?? 0
            log(.error, "Control \(name) failed to node \(node), ret=\(failure.code.code)\n")
        case .unreached(let daemon, let reason, let advice):
            let node = failure.node?.rawValue ?? 0
            log(
                .error,
                RawText(
                    "Control \(name) failed to node \(node): \(daemon) cannot be asked: "
                        + "\(reason) (\(advice))\n"))
        }
        return failure.code
    }
}

extension LegacyFailure {
    /// The number that the legacy client returns, without a word about it.
    var code: ToolExit {
        switch cause {
        case .refused(let status, _): ToolExit(status)
        case .noConnection, .notConnected: ToolExit(1, isFinal: true)
        // ETIMEDOUT, EMSGSIZE, EPROTO, EINVAL, ECONNREFUSED.
        case .timedOut: ToolExit(110)
        case .unreadable: ToolExit(90)
        case .unexpected: ToolExit(71)
        case .unwritable: ToolExit(22)
        case .unreached: ToolExit(111)
        }
    }
}
