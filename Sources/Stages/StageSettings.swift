// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationFormat
import DaemonKit
import Sockets
import StageCore

/// What all daemons and the command line are told about stages by the configuration.
///
/// ```
/// [stage]
///     ctdbd socket = /run/ctdb/ctdbd.socket
///     poll interval = 1s
///     verification age = 60min
///     shadow comparisons = 1
///     shadow differences = 0
///     watch window = 60s
///     watch tasks = 20
///     watch mismatches = 10
///     watch errors = 50
///     watch errors in a row = 3
///     watch latency = 0
///     death grace = 10s
///     hang grace = 30s
///     deaths = 3
///     death window = 10min
/// ```
///
/// Where ctdbd keeps persistent databases is what `ctdb.conf` says, unless `database directory` in
/// this section says otherwise.
public struct StageSettings: Equatable, Sendable {
    /// ctdbd's client socket.
    public var legacySocket = "/run/ctdb/ctdbd.socket"
    /// The folder of the persistent databases.
    public var databaseFolder = StageFile.defaultFolder
    /// So often the stages are read.
    public var pollInterval = Duration.seconds(1)
    /// When stages may be changed.
    public var rules = StageRules()
    /// When a daemon says of itself that it is unfit.
    public var watch = FitnessWatch.Settings()
    /// When a daemon counts as dead.
    public var deaths = DeathWatch.Settings()

    /// The defaults.
    public init() {}

    /// Reads the section `[stage]`.
    ///
    /// - Parameters:
    ///   - file: the configuration of the daemons.
    ///   - ctdbd: ctdb.conf, which says where ctdbd keeps its databases; nil when there is none.
    /// - Throws: what is wrong, and in which line.
    public init(
        reading file: Configuration, ctdbd: ConfigurationText? = nil
    ) throws(ConfigurationError) {
        let place = ctdbd?.settings.last {
            $0.section == "database" && $0.name == "persistent database directory"
        }
        if let path = place?.value, !path.isEmpty { databaseFolder = path }
        let section = "stage"
        let times = ConfigurationSchema.stageTimes
        let counts = ConfigurationSchema.stageCounts
        let perMille = ConfigurationSchema.perMille
        func time(
            _ name: String, _ value: inout Duration
        ) throws(ConfigurationError) {
            if let found = try file.milliseconds(name, in: section, range: times) { value = found }
        }
        func number(
            _ name: String, _ value: inout Int, _ range: ClosedRange<Int>
        ) throws(ConfigurationError) {
            if let found = try file.integer(name, in: section, range: range) { value = found }
        }
        if let path = file.string("ctdbd socket", in: section) { legacySocket = path }
        if let path = file.string("database directory", in: section) { databaseFolder = path }
        if let found = try file.milliseconds(
            "poll interval", in: section, range: ConfigurationSchema.pollIntervals)
        {
            pollInterval = found
        }
        try time("verification age", &rules.verificationAge)
        try number("shadow comparisons", &rules.minimumComparisons, counts)
        try number("shadow differences", &rules.differencesPerMille, perMille)
        try time("watch window", &watch.window)
        try number("watch tasks", &watch.minimumTasks, counts)
        try number("watch mismatches", &watch.mismatchesPerMille, perMille)
        try number("watch errors", &watch.errorsPerMille, perMille)
        try number("watch errors in a row", &watch.errorsInARow, counts)
        try time("watch latency", &watch.latency)
        try time("death grace", &deaths.deathGrace)
        try time("hang grace", &deaths.hangGrace)
        try number("deaths", &deaths.limit, counts)
        try time("death window", &deaths.window)
    }
}

extension StageSettings {
    /// Reads `ctdb.conf.d` and `ctdb.conf` in a folder; what is missing is as usual.
    ///
    /// - Parameter folder: where they are, such as /etc/ctdb.
    /// - Throws: what is wrong, and in which line.
    public init(readingFrom folder: String) throws(ConfigurationError) {
        let place = folder + "/ctdb.conf.d"
        let file: Configuration
        do throws(ConfigurationError) {
            file = try Configuration(readingFrom: place)
        } catch {
            guard case .unreadable(_, isMissing: true) = error.problem else { throw error }
            file = Configuration(source: place)
        }
        try self.init(reading: file, ctdbd: Self.ctdbConf(in: folder))
    }

    /// Reads ctdb.conf in a folder; who reads it for its own sake says what is wrong with it.
    public static func ctdbConf(in folder: String) -> ConfigurationText? {
        let path = folder + "/ctdb.conf"
        return (try? SmallFile.read(path, limit: Configuration.byteLimit)).map {
            ConfigurationText(parsing: $0, source: path)
        }
    }
}
