// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import DaemonKit
import EventCore
import Sockets

/// What an event daemon is told by its two configuration files.
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
/// ctdbd refuses settings in it that it does not know, so that what is new has a file of its own,
/// `ctdb-eventd.conf`:
///
/// ```
/// [event]
///     output limit = 256K
///     history limit = 256
///     kill delay = 0
/// ```
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
    /// The events of a component that are remembered.
    public var historyLimit = 256
    /// What in the own file is not known.
    public var unknown: [ConfigurationError] = []

    /// The defaults.
    public init() {}

    /// The settings of the core among these.
    public var core: EventSettings {
        EventSettings(
            hasDebugScript: debugScript != nil, killDelay: killDelay, historyLimit: historyLimit)
    }

    /// Reads both files.
    ///
    /// - Parameters:
    ///   - paths: where they are; each may be missing.
    ///   - isInteractive: whether the log goes to standard error whatever the file says.
    /// - Throws: what is wrong.
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
            throw Self.invalid("\(error)")
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
        if let limit = try file.byteCount("output limit", in: section, range: 4096...(8 << 20)) {
            outputLimit = limit
        }
        if let limit = try file.integer("history limit", in: section, range: 16...65_536) {
            historyLimit = limit
        }
        if let delay = try file.milliseconds("kill delay", in: section, range: 0...86_400_000) {
            killDelay = delay == .zero ? nil : delay
        }
        unknown = file.unknownNames(in: [
            section: ["output limit", "history limit", "kill delay"]
        ])
    }

    private static func invalid(_ text: String) -> Failure {
        Failure(description: text, exitCode: EventErrno.invalid)
    }
}
