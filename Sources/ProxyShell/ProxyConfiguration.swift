// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationFormat
import DaemonKit
import Logging
import MessagingCore
import ProxyCore

/// What a proxy is told by the configuration of the daemons; every setting has a default.
///
/// There is a section for logs and one for the proxy:
///
/// ```
/// [logging]
///     level = notice
///     format = text
/// [proxy]
///     run directory = /run/ctdb/tablecloth
///     ctdbd socket = /run/ctdb/ctdbd.socket
///     user ids = 0
///     realtime scheduling = false
///     held limit = 16M
///     normal window = 256K
///     detached timeout = 10s
///     drain timeout = 5s
/// ```
public struct ProxyConfiguration: Equatable, Sendable {
    /// Where the configuration is unless somebody says otherwise: all files of a folder.
    public static let defaultPath = "/etc/ctdb/ctdb.conf.d"

    /// The lowest level that is logged.
    public var logLevel = Logger.Level.notice
    /// How log lines are written.
    public var logFormat = LogFormat.text
    /// The directory of the sockets of this node's daemons.
    public var runDirectory = "/run/ctdb/tablecloth"
    /// ctdbd's client socket.
    public var legacySocket = "/run/ctdb/ctdbd.socket"
    /// Whose processes may talk to the proxy, besides root's.
    public var userIDs: Set<UInt32> = []
    /// Whether to run ahead of ordinary processes, as ctdbd does.
    ///
    /// It then runs ahead of the processes it serves too, which costs more wake-ups: measured,
    /// round trips take longer and fewer packets leave together.
    public var realtimeScheduling = false
    /// The core's limits and times.
    public var proxy = ProxySettings()

    /// The defaults.
    public init() {}

    /// Reads a configuration.
    ///
    /// - Returns: the configuration, and what in the file is not known.
    /// - Throws: what is wrong, and in which line.
    public static func read(
        _ file: Configuration
    ) throws(ConfigurationError) -> (ProxyConfiguration, unknown: [ConfigurationError]) {
        var result = ProxyConfiguration()
        let levels = "trace, debug, info, notice, warning, error or critical"
        if let level = try file.value(
            "level", in: "logging", expected: levels, Logger.Level.init(rawValue:))
        {
            result.logLevel = level
        }
        if let format = try file.value(
            "format", in: "logging", expected: "text or json", LogFormat.init(rawValue:))
        {
            result.logFormat = format
        }
        try result.readProxy(file)
        return (result, file.unknownNames(in: ConfigurationSchema.daemons.names))
    }

    private mutating func readProxy(_ file: Configuration) throws(ConfigurationError) {
        let section = "proxy"
        if let path = file.string("run directory", in: section) { runDirectory = path }
        if let path = file.string("ctdbd socket", in: section) { legacySocket = path }
        if let realtime = try file.bool("realtime scheduling", in: section) {
            realtimeScheduling = realtime
        }
        if let list = try file.value("user ids", in: section, expected: "numbers", Self.numbers) {
            userIDs = list
        }
        if let limit = try file.byteCount(
            "held limit", in: section, range: ConfigurationSchema.heldLimits)
        {
            proxy.nodeLinks.heldLimit = limit
            proxy.localLinks.heldLimit = limit
        }
        if let window = try file.byteCount(
            "normal window", in: section, range: ConfigurationSchema.windows)
        {
            proxy.nodeLinks.normalWindow = window
            proxy.localLinks.normalWindow = window
        }
        if let window = try file.byteCount(
            "urgent window", in: section, range: ConfigurationSchema.windows)
        {
            proxy.nodeLinks.urgentWindow = window
            proxy.localLinks.urgentWindow = window
        }
        let times = ConfigurationSchema.timeouts
        if let time = try file.milliseconds("detached timeout", in: section, range: times) {
            proxy.detachedMilliseconds = time.wholeMilliseconds
        }
        if let time = try file.milliseconds("drain timeout", in: section, range: times) {
            proxy.drainMilliseconds = time.wholeMilliseconds
        }
    }
}

extension ProxyConfiguration {
    /// Numbers with spaces or commas between them.
    private static func numbers(_ text: String) -> Set<UInt32>? {
        var numbers: Set<UInt32> = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            guard let number = UInt32(word) else { return nil }
            numbers.insert(number)
        }
        return numbers
    }
}

extension Duration {
    /// The duration in whole milliseconds.
    var wholeMilliseconds: UInt64 {
        let (seconds, attoseconds) = components
        let rest = UInt64(clamping: attoseconds / 1_000_000_000_000_000)
        return UInt64(clamping: seconds) * 1_000 + rest
    }
}
