// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import Callbacks
import ClusterConfiguration
import ConfigurationFormat
import DaemonKit
import Logging
import Sockets
import Stages

/// What the observer of a node is told by the configuration; every setting has a default.
///
/// ```
/// [logging]
///     level = notice
///     format = text
/// [clusterd]
///     run directory = /run/ctdb/tablecloth
///     user ids = 0
///     callbacks at once = 16
/// ```
///
/// `[stage]` is as for all daemons, and each `[callback NAME]` registers a program.
public struct ClusterSettings: Equatable, Sendable {
    /// Where the files are unless somebody says otherwise.
    public static let defaultFolder = "/etc/ctdb"

    /// The lowest level that is logged.
    public var logLevel = Logger.Level.notice
    /// How log lines are written.
    public var logFormat = LogFormat.text
    /// The directory of the sockets of this node's daemons.
    public var runDirectory = "/run/ctdb/tablecloth"
    /// Whose processes may talk to it, besides root's.
    public var userIDs: Set<UInt32> = []
    /// So many callbacks run at once.
    public var runLimit = 16
    /// The programs that are told of changes.
    public var callbacks: [Callback] = []
    /// What is told of stages.
    public var stages = StageSettings()

    /// The defaults.
    public init() {}

    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - file: the configuration of the daemons.
    ///   - ctdbd: ctdb.conf; nil when there is none.
    /// - Returns: the settings, and what in the file is not known.
    /// - Throws: what is wrong, and in which line.
    public static func read(
        _ file: Configuration, ctdbd: ConfigurationText?
    ) throws(ConfigurationError) -> (ClusterSettings, unknown: [ConfigurationError]) {
        var result = ClusterSettings()
        let levels = "trace, debug, info, notice, warning, error or critical"
        result.logLevel =
            try file.value("level", in: "logging", expected: levels, Logger.Level.init(rawValue:))
            ?? result.logLevel
        result.logFormat =
            try file.value(
                "format", in: "logging", expected: "text or json", LogFormat.init(rawValue:))
            ?? result.logFormat
        let section = "clusterd"
        if let path = file.string("run directory", in: section) { result.runDirectory = path }
        if let list = try file.value(
            "user ids", in: section, expected: "numbers", Self.numbers)
        {
            result.userIDs = list
        }
        result.runLimit =
            try file.integer(
                "callbacks at once", in: section, range: ConfigurationSchema.callbackRuns)
            ?? result.runLimit
        result.callbacks = try Callback.all(in: file)
        result.stages = try StageSettings(reading: file, ctdbd: ctdbd)
        return (result, file.unknownNames(in: ConfigurationSchema.daemons.names))
    }

    /// Reads `ctdb.conf.d` and `ctdb.conf` in a folder; what is missing is as usual.
    public static func read(
        from folder: String
    ) throws(ConfigurationError) -> (ClusterSettings, unknown: [ConfigurationError]) {
        let place = folder + "/ctdb.conf.d"
        let file: Configuration
        do throws(ConfigurationError) {
            file = try Configuration(readingFrom: place)
        } catch {
            guard case .unreadable(_, isMissing: true) = error.problem else { throw error }
            file = Configuration(source: place)
        }
        return try read(file, ctdbd: StageSettings.ctdbConf(in: folder))
    }

    private static func numbers(_ text: String) -> Set<UInt32>? {
        var numbers: Set<UInt32> = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            guard let number = UInt32(word) else { return nil }
            numbers.insert(number)
        }
        return numbers
    }
}
