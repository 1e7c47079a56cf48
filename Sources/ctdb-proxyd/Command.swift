// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import ConfigurationFormat
import DaemonKit
import Logging
import ProxyShell
import Sockets

/// Carries the new protocol between this node and the others, through ctdbd.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-proxyd",
        abstract: "Carry the new protocol between nodes, inside messages of the legacy ctdbd.",
        discussion: """
            Attaches to the local ctdbd as a client, and serves the processes of this node over \
            Unix datagrams. SIGTERM hands over what is under way and stops; SIGHUP reads the \
            configuration again; SIGUSR1 logs the counters.
            """)

    @Option(name: [.short, .long], help: "The configuration: a file, or a folder with *.conf.")
    var config: String?

    @Option(help: "The directory of the sockets, whatever the file says.")
    var runDirectory: String?

    @Option(help: "ctdbd's client socket, whatever the file says.")
    var ctdbdSocket: String?

    @Flag(help: "Read the configuration, say what is wrong with it, and end.")
    var checkConfig = false

    @Flag(help: "Print counters and peers of the running proxy, and end.")
    var status = false

    func run() throws {
        ProcessEnvironment.limitHeaps()
        let (settings, unknown) = try load()
        if checkConfig {
            for problem in unknown { Self.complain("\(problem)") }
            throw unknown.isEmpty ? ExitCode.success : ExitCode(1)
        }
        if status { throw ExitCode(StatusReport.print(settings.runDirectory)) }
        let output = LogOutput(settings.logFormat, level: settings.logLevel)
        output.bootstrap()
        let log = output.logger("ctdb-proxyd")
        for problem in unknown { log.warning("\(problem)") }
        do throws(SystemError) {
            let daemon = try ProxyDaemon(settings, log: log) {
                guard let (changed, _) = try? load() else {
                    log.error("the configuration has an error, and the old one stays in force")
                    return nil
                }
                output.level = changed.logLevel
                return changed
            }
            if settings.realtimeScheduling { RealtimeScheduling.request(logger: log) }
            if case .failed(let reason) = try daemon.run() {
                log.critical("\(reason)")
                throw SystemError(call: "serve", errno: 0, advice: reason)
            }
        } catch {
            if error.errno != 0 { log.critical("\(error)") }
            throw ExitCode(1)
        }
    }

    private func load() throws -> (ProxyConfiguration, [ConfigurationError]) {
        let path = config ?? ProxyConfiguration.defaultPath
        do {
            let file = try read(path)
            var (settings, unknown) = try ProxyConfiguration.read(file)
            if let runDirectory { settings.runDirectory = runDirectory }
            if let ctdbdSocket { settings.legacySocket = ctdbdSocket }
            settings.proxy.introduce(software: "ctdb-proxyd 0.1", features: 0)
            return (settings, unknown)
        } catch {
            Self.complain("\(error)")
            throw ExitCode(1)
        }
    }

    /// The file that was named must be there; the usual one may be missing.
    private func read(_ path: String) throws(ConfigurationError) -> Configuration {
        do throws(ConfigurationError) {
            return try Configuration(readingFrom: path)
        } catch {
            if config == nil, case .unreadable(_, isMissing: true) = error.problem {
                return Configuration(source: path)
            }
            throw error
        }
    }

    static func complain(_ text: String) {
        StandardError.write(Array("ctdb-proxyd: \(text)\n".utf8))
    }
}
