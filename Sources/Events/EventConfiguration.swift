// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationFormat
import DaemonKit
import EventCore
import Sockets

/// What an event daemon is told by configuration files.
///
/// `ctdb.conf` has what the legacy event daemon reads there:
///
/// ```
/// [logging]
///     location = file:/var/log/ctdb/log.ctdb
///     log level = NOTICE
/// [event]
///     debug script = debug-hung-script.sh
/// ```
///
/// ctdbd refuses settings in it that it does not know, so that what is new is in the files of
/// `ctdb.conf.d`, which this daemon shares with the others beside ctdbd:
///
/// ```
/// [event]
///     output limit = 256K
///     kill delay = 0
/// ```
///
/// What is wrong in there keeps nobody from starting, since ctdbd would not start either: the
/// defaults are in force then, and the log says why.
public struct EventConfiguration: Equatable, Sendable {
    /// Why there is no configuration.
    public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public var description: String
        /// The exit code that says so, an errno.
        public var exitCode: Int32
    }

    /// Where the log goes.
    public var logLocation: LegacyLog.Location = .file("/var/log/ctdb/log.ctdb")
    /// From which level on things are logged.
    public var logLevel = LegacyLog.Level.notice
    /// The script to run for another one that hangs.
    public var debugScript: String?
    /// The most bytes that are kept of what one script prints.
    public var outputLimit = 256 << 10
    /// So long after it was given up a script is killed; nil lets it be.
    public var killDelay: Duration?
    /// What is wrong or not known in ctdb.conf.d.
    public var problems: [ConfigurationError] = []

    /// The defaults.
    public init() {}

    /// The settings of the core among these.
    public var core: EventSettings {
        EventSettings(
            hasDebugScript: debugScript != nil, killDelay: killDelay)
    }

    /// Reads both files.
    ///
    /// - Parameters:
    ///   - paths: where they are; each may be missing.
    ///   - isInteractive: whether the log goes to standard error whatever the file says.
    /// - Throws: what is wrong in ctdb.conf, as ctdbd would say too.
    public init(readingFrom paths: EventPaths, isInteractive: Bool) throws(Failure) {
        let shared: SharedSettings
        do throws(SystemError) {
            shared = try SharedSettings(readingFrom: paths.shared)
        } catch {
            throw Failure(description: "\(error)", exitCode: error.errno)
        }
        if isInteractive {
            logLocation = .standardError
        } else if let text = shared.value("location", in: "logging") {
            guard let location = LegacyLog.Location(text) else {
                throw Self.invalid("\(paths.shared): location = \(text): not a place for logs")
            }
            logLocation = location
        }
        if let text = shared.value("log level", in: "logging"), !isInteractive {
            guard let level = LegacyLog.Level(text) else {
                throw Self.invalid("\(paths.shared): log level = \(text): not a level")
            }
            logLevel = level
        }
        if let name = shared.value("debug script", in: "event") {
            let last = name.split(separator: "/").last.map(String.init) ?? name
            if let obstacle = Folder.obstacleToRunning(paths.configuration + "/" + last) {
                throw Self.invalid("debug script \(paths.configuration)/\(last) \(obstacle)")
            }
            debugScript = paths.configuration + "/" + name
        }
        do throws(ConfigurationError) {
            try readOwn(paths.own)
        } catch {
            problems = [error]
        }
    }

    private mutating func readOwn(_ path: String) throws(ConfigurationError) {
        let file: Configuration
        do throws(ConfigurationError) {
            file = try Configuration(readingFrom: path)
        } catch {
            if case .unreadable(_, isMissing: true) = error.problem { return }
            throw error
        }
        let section = "event"
        let limit = try file.byteCount(
            "output limit", in: section, range: ConfigurationSchema.outputLimits)
        let delay = try file.milliseconds(
            "kill delay", in: section, range: ConfigurationSchema.killDelays)
        if let limit { outputLimit = limit }
        if let delay, delay != .zero { killDelay = delay }
        problems = file.unknownNames(in: ConfigurationSchema.daemons.names)
    }

    private static func invalid(_ text: String) -> Failure {
        Failure(description: text, exitCode: EventErrno.invalid)
    }
}
