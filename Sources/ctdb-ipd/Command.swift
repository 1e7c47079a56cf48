// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Addresses
import ArgumentParser
import ConfigurationFormat
import DaemonKit
import Logging
import Sockets

/// Keeps the public addresses of a cluster where they should be.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-ipd",
        abstract: "Keep the public addresses of a cluster where they should be.",
        discussion: """
            Attaches to the local ctdbd as a client, and does what the stage of the function ip on \
            this node says. SIGHUP reads the configuration again; SIGTERM gives ctdbd back what \
            was taken over, and ends; SIGUSR1 logs a summary.
            """)

    @Option(
        name: [.short, .long],
        help: "The folder of ctdb.conf and ctdb.conf.d; /etc/ctdb if not given.")
    var config: String = AddressSettings.defaultFolder

    @Option(help: "The directory of the sockets, whatever the file says.")
    var runDirectory: String?

    @Option(help: "ctdbd's client socket, whatever the file says.")
    var ctdbdSocket: String?

    @Flag(help: "Read the configuration, say what is wrong with it, and end.")
    var checkConfig = false

    @Flag(help: "Say how the daemon of this node stands, and end.")
    var status = false

    @Flag(
        help: """
            Give ctdbd the public addresses of this node back when no daemon runs that could, and \
            end.
            """)
    var giveBack = false

    func run() throws {
        ProcessEnvironment.limitHeaps()
        let (settings, unknown) = try load()
        if checkConfig {
            for problem in unknown { Self.complain("\(problem)") }
            for complaint in settings.addresses.complaints { Self.complain("\(complaint)") }
            for text in AddressSettings.doubts(about: settings) { Self.complain(text) }
            let isGood =
                unknown.isEmpty
                && settings.addresses.complaints.allSatisfy { $0.severity == .warning }
            throw isGood ? ExitCode.success : ExitCode(1)
        }
        if status {
            return try tell { () throws(AddressFailure) in try AddressStatus.read(settings) }
        }
        if giveBack {
            return try tell { () throws(AddressFailure) in try GiveBack(settings).run() }
        }
        try serve(settings, unknown)
    }

    private func serve(_ settings: AddressSettings, _ unknown: [ConfigurationError]) throws {
        let output = LogOutput(settings.logFormat, level: settings.logLevel)
        output.bootstrap()
        let log = output.logger("ctdb-ipd")
        for problem in unknown { log.warning("\(problem)") }
        do throws(SystemError) {
            let daemon = try AddressDaemon(settings, log: log) {
                guard let (changed, unknown) = try? load() else {
                    log.error("the configuration has an error, and the old one stays in force")
                    return nil
                }
                for problem in unknown { log.warning("\(problem)") }
                output.level = changed.logLevel
                return changed
            }
            try daemon.run()
        } catch {
            log.critical("\(error)")
            throw ExitCode(1)
        }
    }

    private func tell(_ work: () throws(AddressFailure) -> [String]) throws {
        do throws(AddressFailure) { for line in try work() { print(line) } } catch {
            Self.complain("\(error)")
            throw ExitCode(1)
        }
    }

    private func load() throws -> (AddressSettings, [ConfigurationError]) {
        do {
            var (settings, unknown) = try AddressSettings.read(from: config)
            if let runDirectory { settings.runDirectory = runDirectory }
            if let ctdbdSocket { settings.stages.legacySocket = ctdbdSocket }
            return (settings, unknown)
        } catch {
            Self.complain("\(error)")
            throw ExitCode(1)
        }
    }

    static func complain(_ text: String) {
        StandardError.write(Array("ctdb-ipd: \(text)\n".utf8))
    }
}
