// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import Sockets
import Vocabulary

/// The legacy command line `ctdb`, byte for byte: standard output, standard error, exit code.
public enum LegacyTool {
    /// So long a command runs when neither an option nor `CTDB_TIMEOUT` says otherwise.
    private static let defaultRunTime: UInt32 = 120

    /// Runs the tool as the whole process, with its arguments, environment and streams.
    ///
    /// - Parameters:
    ///   - arguments: instead of the process's, without the program's name.
    ///   - detour: answers controls whose function another daemon has.
    /// - Returns: the exit code.
    public static func runProcess(
        arguments: [[UInt8]]? = nil, detour: (any ControlDetour)? = nil
    ) -> Int32 {
        var environment = ToolEnvironment.ofProcess()
        if let arguments { environment.arguments = arguments.map { RawText(bytes: $0) } }
        // Who reads nothing, or is gone, has no use for a word about it.
        let output = ToolOutput(
            standardOutput: { try? StandardStreams.write($0, to: 1) },
            standardError: { try? StandardStreams.write($0, to: 2) })
        return run(environment, output: output, detour: detour)
    }

    /// Runs the tool once.
    ///
    /// - Parameters:
    ///   - environment: arguments and environment variables.
    ///   - output: where it writes.
    ///   - detour: answers controls whose function another daemon has.
    /// - Returns: the exit code.
    public static func run(
        _ environment: ToolEnvironment, output: ToolOutput, detour: (any ControlDetour)? = nil
    ) -> Int32 {
        defer { output.flush() }
        let isPosix =
            environment["POSIXLY_CORRECT"] != nil || environment["POSIX_ME_HARDER"] != nil
        switch OptionParser.parse(environment.arguments, allAreWords: isPosix) {
        case .help:
            output.print(Usage.help)
            return 0
        case .usage:
            output.print(Usage.brief(terminalWidth: environment.terminalWidth))
            return 0
        case .invalid(let argument, let reason):
            output.complain("Invalid option \(argument): \(reason)\n")
            return 1
        case .run(let options, let words):
            do throws(ToolExit) {
                return ToolExit(try run(options, words, environment, output, detour)).status
            } catch {
                return error.status
            }
        }
    }

    private static func run(
        _ options: ToolOptions, _ words: [RawText], _ environment: ToolEnvironment,
        _ output: ToolOutput, _ detour: (any ControlDetour)?
    ) throws(ToolExit) -> Int32 {
        let runTime = try runTime(options, environment, output)
        guard let name = words.first else {
            output.print(Usage.full())
            return 1
        }
        guard let command = Command.named(name) else {
            output.complain("Unknown command '\(name)'\n")
            return 1
        }
        if environment.isWholeProcess {
            if environment.isTestMode, environment["CTDB_TOOL_SETPGID"] == nil {
                ProcessEnvironment.leadGroup(sayingSoIn: "CTDB_TOOL_SETPGID")
            }
            ProcessEnvironment.limitRunTime(seconds: runTime)
        }
        let context = ToolContext(
            options: options, environment: environment, output: output,
            logLevel: options.debugLevel.flatMap(LogLevelName.parse) ?? 0)
        context.detour = detour
        if command.isOffline {
            guard options.node == -1 else {
                output.complain("Cannot specify node for command \(command.name)\n")
                return 1
            }
        } else {
            try connect(context, for: command)
        }
        return try command.code(context, Array(words.dropFirst()))
    }

    /// The longest time that the process may run, in seconds; 0 is without end.
    private static func runTime(
        _ options: ToolOptions, _ environment: ToolEnvironment, _ output: ToolOutput
    ) throws(ToolExit) -> UInt32 {
        guard options.maximumRunTime == 0 else {
            return UInt32(bitPattern: options.maximumRunTime)
        }
        guard let text = environment["CTDB_TIMEOUT"] else { return defaultRunTime }
        do throws(ToolExit) {
            return UInt32(truncatingIfNeeded: try CNumber.parse(text, base: 0))
        } catch {
            output.complain("Invalid value CTDB_TIMEOUT\n")
            throw ToolExit(1)
        }
    }

    private static func connect(
        _ context: ToolContext, for command: Command
    ) throws(ToolExit) {
        guard let path = context.environment.socketPath else {
            context.log(.error, "Broken CTDB setup, CTDB_BASE not set in test mode\n")
            // The legacy tool aborts; a shell sees its signal as this code.
            throw ToolExit(134)
        }
        let administrator: Administrator
        do throws(LegacyFailure) {
            let session = try context.openSession(path)
            administrator = Administrator(
                session: session, limit: context.options.limit)
        } catch {
            throw context.unconnected(error, path: path)
        }
        administrator.notes = { [unowned context] in context.complain(of: $0) }
        context.administrator = administrator
        if context.options.node != -1 {
            let node = PNN(rawValue: UInt32(bitPattern: context.options.node))
            try context.checkIsUp(node)
            administrator.node = node
        }
        if !command.isRemote, administrator.node != administrator.session.pnn {
            context.complain("Node cannot be specified for command \(command.name)\n")
            throw ToolExit(1)
        }
        do throws(LegacyFailure) {
            try administrator.listenForLeader()
        } catch {
            let exit = context.logged(error)
            if exit.isFinal { throw exit }
            context.complain("Failed to setup leader handler\n")
            throw ToolExit(1)
        }
    }
}

extension ToolContext {
    /// Says that there is no connection, and what the machine has to do with the cluster.
    func unconnected(_ failure: LegacyFailure, path: RawText) -> ToolExit {
        guard case .notConnected(let error) = failure.cause else {
            let exit = logged(failure)
            if exit.isFinal { return exit }
            return notInCluster(path)
        }
        log(.error, "\(error.call)() failed, errno=\(error.errno)\n")
        return notInCluster(path)
    }

    /// Connects to ctdbd.
    func openSession(_ path: RawText) throws(LegacyFailure) -> LegacySession {
        // An empty path is for the legacy tool an abstract socket at which nobody listens.
        guard !path.bytes.isEmpty else {
            throw LegacyFailure(.notConnected(SystemError(call: "connect", errno: 111)))
        }
        // A path that is too long is cut off.
        let shown = RawText(bytes: path.bytes.prefix(UnixPath.byteLimit))
        let session = try LegacySession(
            socketPath: shown.string, within: Administrator.patience)
        session.detour = detour
        return session
    }

    private func notInCluster(_ path: RawText) -> ToolExit {
        complain("Failed to connect to CTDB daemon (\(path))\n")
        if !isPartOfCluster() { complain("Is this node part of CTDB cluster?\n") }
        return ToolExit(1)
    }

    /// Ends the run when a node is not in the cluster, or cannot be asked.
    func checkIsUp(_ node: PNN) throws(ToolExit) {
        guard let found = try nodeMap().nodes.first(where: { $0.pnn == node }) else {
            complain("Node \(node.rawValue) does not exist\n")
            throw ToolExit(1)
        }
        guard found.flags.isConnected else {
            complain("Node \(node.rawValue) has status \(FlagNames.print(found.flags))\n")
            throw ToolExit(1)
        }
    }
}
