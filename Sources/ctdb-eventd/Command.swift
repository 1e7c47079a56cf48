// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import ConfigurationFormat
import Events
import Sockets
import Stages

/// Runs the event scripts of CTDB, in place of the legacy event daemon.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-eventd",
        abstract: "Run the event scripts of CTDB.",
        discussion: """
            ctdbd starts it in place of its own event daemon when CTDB_EVENTD names it. SIGTERM \
            ends it and the scripts that run; SIGHUP opens the log again; SIGUSR1 reads the \
            configuration again.
            """)

    @Option(
        name: [.customShort("P", allowingJoined: true), .long],
        help: ArgumentHelp("End when this process has ended.", valueName: "pid"))
    var pid: Int32 = -1

    @Option(
        name: [.customShort("S", allowingJoined: true), .long],
        help: ArgumentHelp("Tell on this descriptor that the start succeeded.", valueName: "fd")
    )
    var startupFd: Int32 = -1

    @Flag(help: "Run beside ctdbd, which has an event daemon of its own, and take part in stages.")
    var service = false

    @Option(help: "With --service: the directory of the sockets of the new protocol.")
    var runDirectory: String?

    @Flag(help: "Read the configuration, say what is wrong with it, and end.")
    var checkConfig = false

    func run() throws {
        ProcessEnvironment.limitHeaps()
        guard let paths = EventPaths.byEnvironment() else {
            throw fail("CTDB_TEST_MODE is set, and CTDB_BASE is not", 1)
        }
        let isInteractive = ProcessEnvironment.variable("CTDB_INTERACTIVE") != nil
        let settings: EventConfiguration
        do throws(EventConfiguration.Failure) {
            settings = try EventConfiguration(readingFrom: paths, isInteractive: isInteractive)
        } catch {
            throw fail("\(error)", error.exitCode)
        }
        if checkConfig {
            for problem in settings.problems { _ = fail("\(problem)", 1) }
            throw settings.problems.isEmpty ? ExitCode.success : ExitCode(1)
        }
        let log = try open(settings, paths)
        for problem in settings.problems { log.write(.warning, "\(problem)") }
        if service { return try serve(settings, paths, log) }
        let end: EventDaemon.End
        do throws(SystemError) {
            let notice =
                startupFd == -1 ? nil : try StartNotice(descriptorNumber: startupFd)
            let daemon = try EventDaemon(
                settings, paths: paths, log: log, parentID: pid == -1 ? nil : pid
            ) {
                reload(paths, log)
            }
            do throws(SystemError) { try notice?.ready() } catch {
                log.write(.warning, "Failed to tell of the start: \(error)")
            }
            end = try daemon.run()
        } catch {
            log.write(.error, "\(error)")
            throw fail("\(error)", error.errno)
        }
        if end != .stopped { throw ExitCode(end.exitCode) }
    }

    /// Runs as a service beside ctdbd.
    private func serve(
        _ settings: EventConfiguration, _ paths: EventPaths, _ log: LegacyLog
    ) throws {
        let stages: StageSettings
        do throws(ConfigurationError) {
            stages = try StageSettings(readingFrom: paths.configuration)
        } catch {
            throw fail("\(error)", 22)
        }
        do throws(SystemError) {
            let service = try EventService(
                settings, stages: stages, paths: paths,
                runDirectory: runDirectory ?? paths.run + "/tablecloth", log: log
            ) {
                reload(paths, log)
            }
            try service.run()
        } catch {
            log.write(.error, "\(error)")
            throw fail("\(error)", error.errno)
        }
    }

    /// Reads the configuration again; nil when it is in error, which the log says.
    private func reload(_ paths: EventPaths, _ log: LegacyLog) -> EventConfiguration? {
        let isInteractive = ProcessEnvironment.variable("CTDB_INTERACTIVE") != nil
        do throws(EventConfiguration.Failure) {
            return try EventConfiguration(readingFrom: paths, isInteractive: isInteractive)
        } catch {
            log.write(.warning, "Configuration reload failed: \(error)")
            return nil
        }
    }

    private func open(
        _ settings: EventConfiguration, _ paths: EventPaths
    ) throws(ExitCode) -> LegacyLog {
        do throws(SystemError) {
            return try LegacyLog(
                settings.logLocation, level: settings.logLevel, name: "ctdb-eventd",
                hostName: paths.hostName)
        } catch {
            throw fail("\(error)", error.errno)
        }
    }

    /// Says what is wrong; the exit code is an errno, as that of the legacy daemon.
    private func fail(_ text: String, _ code: Int32) -> ExitCode {
        StandardError.write(Array("ctdb-eventd: \(text)\n".utf8))
        return ExitCode(code)
    }
}
