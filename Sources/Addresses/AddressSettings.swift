// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import ClusterConfiguration
import ConfigurationFormat
import DaemonKit
import Logging
import NetworkInterfaces
import Sockets
import Stages

/// What the address daemon is told by the configuration; every setting has a default.
///
/// ```
/// [logging]
///     level = notice
///     format = text
/// [ip]
///     run directory = /run/ctdb/tablecloth
///     user ids = 0
///     algorithm = tunable
///     hold off = 10s
///     announcements = 3
///     announce interval = 1100ms
///     announce refresh = 60s
///     connection interval = 1s
///     partially online = false
///     left out scripts = 10.interface
///     history file = /var/lib/ctdb/ip.history
///     history lines = 10000
/// ```
///
/// `[stage]` is as for all daemons. Addresses are in `public_addresses`, and in sections
/// `[addresses NAME]`.
public struct AddressSettings: Equatable, Sendable {
    /// Where the files are unless somebody says otherwise.
    public static let defaultFolder = "/etc/ctdb"

    /// The folder of ctdb.conf, nodes, public_addresses and ctdb.conf.d.
    public var folder = AddressSettings.defaultFolder
    /// The lowest level that is logged.
    public var logLevel = Logger.Level.notice
    /// How log lines are written.
    public var logFormat = LogFormat.text
    /// The directory of the sockets of this node's daemons.
    public var runDirectory = "/run/ctdb/tablecloth"
    /// Whose processes may talk to it, besides root's.
    public var userIDs: Set<UInt32> = []
    /// How addresses are dealt out; nil: ctdbd's tunable decides.
    public var algorithm: Algorithm?
    /// For how long ctdbd's takeover runs are held off at a time.
    public var holdOff = Duration.seconds(10)
    /// When addresses are announced.
    public var announcements = Announcer.Settings()
    /// So often connections are looked for.
    public var connectionInterval = Duration.seconds(1)
    /// Whether a node hosts addresses on some interfaces while others have no link.
    public var isPartiallyOnline = false
    /// ctdbd's event scripts whose work is done here.
    public var leftOutScripts: Set<String> = ["10.interface"]
    /// Where it is kept who moved what and why.
    public var historyFile = "/var/lib/ctdb/ip.history"
    /// So many lines of it.
    public var historyLines = 10_000
    /// What is told of stages.
    public var stages = StageSettings()
    /// The public addresses of this node, and what is wrong with them.
    public var addresses = ConfiguredAddresses(
        file: nil, named: "", nodes: nil, sections: Configuration(source: ""))

    /// The defaults.
    public init() {}

    /// Reads the settings of a configuration; addresses come with `read(from:)`.
    ///
    /// - Parameters:
    ///   - file: the configuration of the daemons.
    ///   - ctdbd: ctdb.conf; nil when there is none.
    /// - Returns: the settings, and what in the file is not known.
    /// - Throws: what is wrong, and in which line.
    public static func read(
        _ file: Configuration, ctdbd: ConfigurationText?
    ) throws(ConfigurationError) -> (AddressSettings, unknown: [ConfigurationError]) {
        var result = AddressSettings()
        typealias Schema = ConfigurationSchema
        let levels = "trace, debug, info, notice, warning, error or critical"
        result.logLevel =
            try file.value("level", in: "logging", expected: levels, Logger.Level.init(rawValue:))
            ?? result.logLevel
        result.logFormat =
            try file.value(
                "format", in: "logging", expected: "text or json", LogFormat.init(rawValue:))
            ?? result.logFormat
        let section = "ip"
        if let path = file.string("run directory", in: section) { result.runDirectory = path }
        if let path = file.string("history file", in: section) { result.historyFile = path }
        result.userIDs =
            try file.value("user ids", in: section, expected: "numbers", Self.numbers)
            ?? result.userIDs
        let algorithms = Schema.algorithms.joined(separator: ", ")
        let algorithm = try file.value("algorithm", in: section, expected: algorithms) {
            Schema.algorithms.contains($0) ? $0 : nil
        }
        result.algorithm = algorithm.flatMap(Algorithm.init(rawValue:))
        func time(
            _ name: String, _ value: inout Duration, _ range: ClosedRange<Int>
        ) throws(ConfigurationError) {
            if let found = try file.milliseconds(name, in: section, range: range) { value = found }
        }
        try time("hold off", &result.holdOff, Schema.holdOffs)
        try time("announce interval", &result.announcements.interval, Schema.addressTimes)
        try time("connection interval", &result.connectionInterval, Schema.timeouts)
        var refresh = result.announcements.refresh ?? .zero
        try time("announce refresh", &refresh, Schema.addressTimes)
        result.announcements.refresh = refresh == .zero ? nil : refresh
        result.announcements.repeatCount =
            try file.integer("announcements", in: section, range: Schema.announcements)
            ?? result.announcements.repeatCount
        result.historyLines =
            try file.integer("history lines", in: section, range: Schema.historyLines)
            ?? result.historyLines
        result.isPartiallyOnline =
            try file.bool("partially online", in: section) ?? result.isPartiallyOnline
        if let list = file.string("left out scripts", in: section) {
            result.leftOutScripts = Set(
                list.split { $0 == " " || $0 == "," }.map {
                    $0.hasSuffix(".script") ? String($0.dropLast(7)) : String($0)
                })
        }
        result.stages = try StageSettings(reading: file, ctdbd: ctdbd)
        return (result, file.unknownNames(in: Schema.daemons.names))
    }

    /// Reads the files of a folder; what is missing is as usual.
    ///
    /// - Returns: the settings with the addresses, and what in the files is not known.
    /// - Throws: what is wrong with the settings, and in which line; what is wrong with addresses
    ///   is in `addresses`, and keeps nobody from starting.
    public static func read(
        from folder: String
    ) throws(ConfigurationError) -> (AddressSettings, unknown: [ConfigurationError]) {
        let place = folder + "/ctdb.conf.d"
        let file: Configuration
        do throws(ConfigurationError) {
            file = try Configuration(readingFrom: place)
        } catch {
            guard case .unreadable(_, isMissing: true) = error.problem else { throw error }
            file = Configuration(source: place)
        }
        var (settings, unknown) = try read(file, ctdbd: StageSettings.ctdbConf(in: folder))
        settings.folder = folder
        let nodes = folder + "/nodes"
        let addresses = folder + "/public_addresses"
        settings.addresses = ConfiguredAddresses(
            file: try Self.bytes(of: addresses), named: addresses,
            nodes: try Self.bytes(of: nodes).map { NodesFile(parsing: $0, file: nodes) },
            sections: file)
        return (settings, unknown)
    }

    /// What is doubtful about settings on this machine, for people: interfaces that are not there,
    /// capabilities that are missing.
    public static func doubts(about settings: AddressSettings) -> [String] {
        let present = Set((try? Folder.names(in: "/sys/class/net")) ?? [])
        let missing = settings.addresses.missingInterfaces(among: present).map {
            "there is no interface \($0) now; its addresses are hosted when it comes"
        }
        return missing + ((try? NetworkPrivileges().lacks) ?? []).map(\.description)
    }

    /// A file's content; nil when there is none.
    ///
    /// One that cannot be read is not taken for empty.
    private static func bytes(of path: String) throws(ConfigurationError) -> [UInt8]? {
        do throws(SystemError) {
            return try SmallFile.read(path, limit: fileLimit)
        } catch {
            if error.isMissingFile { return nil }
            throw ConfigurationError(
                source: path, line: nil, problem: .unreadable(reason: "\(error)", isMissing: false))
        }
    }

    private static let fileLimit = 64 << 20

    private static func numbers(_ text: String) -> Set<UInt32>? {
        var numbers: Set<UInt32> = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            guard let number = UInt32(word) else { return nil }
            numbers.insert(number)
        }
        return numbers
    }
}
