// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import ClusterShell
import ConfigurationFormat
import DaemonKit
import Logging
import Sockets

/// Observes a node: its cluster, the stages of functions, the new daemons; and runs callbacks.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-clusterd",
        abstract:
            "Observe a node: the cluster, the stages of functions, the daemons; run callbacks.",
        discussion: """
            Attaches to the local ctdbd as a client. When it is away nothing else changes but that \
            nobody watches. SIGHUP reads the configuration again; SIGUSR1 logs a summary.
            """)

    @Option(
        name: [.short, .long],
        help: "The folder of ctdb.conf and ctdb.conf.d; /etc/ctdb if not given.")
    var config: String = ClusterSettings.defaultFolder

    @Option(help: "The directory of the sockets, whatever the file says.")
    var runDirectory: String?

    @Option(help: "ctdbd's client socket, whatever the file says.")
    var ctdbdSocket: String?

    @Flag(help: "Read the configuration, say what is wrong with it, and end.")
    var checkConfig = false

    func run() throws {
        ProcessEnvironment.limitHeaps()
        let (settings, unknown) = try load()
        if checkConfig {
            for problem in unknown { Self.complain("\(problem)") }
            throw unknown.isEmpty ? ExitCode.success : ExitCode(1)
        }
        let output = LogOutput(settings.logFormat, level: settings.logLevel)
        output.bootstrap()
        let log = output.logger("ctdb-clusterd")
        for problem in unknown { log.warning("\(problem)") }
        do throws(SystemError) {
            let daemon = try ClusterDaemon(settings, log: log) {
                guard let (changed, _) = try? load() else {
                    log.error("the configuration has an error, and the old one stays in force")
                    return nil
                }
                output.level = changed.logLevel
                return changed
            }
            try daemon.run()
        } catch {
            log.critical("\(error)")
            throw ExitCode(1)
        }
    }

    private func load() throws -> (ClusterSettings, [ConfigurationError]) {
        do {
            var (settings, unknown) = try ClusterSettings.read(from: config)
            if let runDirectory { settings.runDirectory = runDirectory }
            if let ctdbdSocket { settings.stages.legacySocket = ctdbdSocket }
            return (settings, unknown)
        } catch {
            Self.complain("\(error)")
            throw ExitCode(1)
        }
    }

    static func complain(_ text: String) {
        StandardError.write(Array("ctdb-clusterd: \(text)\n".utf8))
    }
}
