// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat

/// Which sections there are, which settings each has, and what their values are.
public struct ConfigurationSchema: Equatable, Sendable {
    /// A setting.
    public struct Setting: Equatable, Sendable {
        /// Its name.
        public var name: String
        /// What its values are.
        public var kind: SettingKind
        /// What it is when the file does not say; nil is nothing.
        public var usual: String?
        /// What has taken its place; nil when it is not out of date.
        public var successor: String?

        init(_ name: String, _ kind: SettingKind, _ usual: String?, successor: String? = nil) {
            self.name = name
            self.kind = kind
            self.usual = usual
            self.successor = successor
        }
    }

    /// A section.
    public struct Section: Equatable, Sendable {
        /// Its name.
        public var name: String
        /// Its settings.
        public var settings: [Setting]
    }

    /// The sections.
    public var sections: [Section]

    /// A section by its name, which has no case.
    public func section(_ name: String) -> Section? {
        let name = name.lowercased()
        return sections.first { $0.name == name }
            ?? Configuration.pattern(of: name).flatMap { pattern in
                sections.first { $0.name == pattern }
            }
    }

    /// The sections, with those that files have in place of each `word *`.
    func sections(in texts: [ConfigurationText]) -> [Section] {
        sections.flatMap { section -> [Section] in
            guard section.name.hasSuffix(" *") else { return [section] }
            let names = texts.flatMap(\.headings).map { $0.name.lowercased() }
                .filter { Configuration.pattern(of: $0) == section.name }
            return Set(names).sorted().map { Section(name: $0, settings: section.settings) }
        }
    }

    /// A setting.
    public func setting(_ name: String, in section: String) -> Setting? {
        self.section(section)?.settings.first { $0.name == name }
    }

    /// The names alone.
    public var names: Configuration.Schema {
        var names: Configuration.Schema = [:]
        for section in sections { names[section.name] = Set(section.settings.map(\.name)) }
        return names
    }
}

extension ConfigurationSchema {
    /// What ctdbd reads in ctdb.conf.
    ///
    /// - Source: ctdb.conf(5); ctdb/common/logging_conf.c, ctdb/cluster/cluster_conf.c,
    ///   ctdb/database/database_conf.c, ctdb/event/event_conf.c, ctdb/failover/failover_conf.c,
    ///   ctdb/server/legacy_conf.c, Samba 4.17; the paths are those of Debian.
    public static let ctdbd = ConfigurationSchema(sections: [
        Section(
            name: "logging",
            settings: [
                Setting("location", .logLocation, "file:/var/log/ctdb/log.ctdb"),
                Setting("log level", .logLevel, "NOTICE"),
            ]),
        Section(
            name: "cluster",
            settings: [
                Setting("transport", .choice(["tcp"]), "tcp"),
                Setting("node address", .address, nil),
                Setting("cluster lock", .clusterLock, nil),
                Setting("recovery lock", .clusterLock, nil, successor: "cluster lock"),
                Setting("leader timeout", .positive, "5"),
                Setting("leader capability", .flag(), "true"),
            ]),
        Section(
            name: "database",
            settings: [
                Setting("volatile database directory", .folder, "/var/lib/ctdb/volatile"),
                Setting("persistent database directory", .folder, "/var/lib/ctdb/persistent"),
                Setting("state database directory", .folder, "/var/lib/ctdb/state"),
                Setting("lock debug script", .script, nil),
                Setting("tdb mutexes", .flag(), "true"),
            ]),
        Section(name: "event", settings: [Setting("debug script", .script, nil)]),
        Section(name: "failover", settings: [Setting("disabled", .flag(), "false")]),
        Section(
            name: "legacy",
            settings: [
                Setting("realtime scheduling", .flag(), "true"),
                Setting("lmaster capability", .flag(), "true"),
                Setting("start as stopped", .flag(), "false"),
                Setting("start as disabled", .flag(), "false"),
                Setting("script log level", .logLevel, "ERROR"),
            ]),
    ])

    /// The bytes that may be held for one peer.
    public static let heldLimits = (1 << 20)...(1 << 30)
    /// The bytes that may be under way to one peer.
    public static let windows = 65_536...(64 << 20)
    /// The timeouts of the daemons, in milliseconds.
    public static let timeouts = 100...3_600_000
    /// The bytes that may be kept of what an event script prints.
    public static let outputLimits = 4096...(8 << 20)
    /// The time until an event script that hangs is killed, in milliseconds.
    public static let killDelays = 0...86_400_000
    /// The times that stages go by, in milliseconds.
    public static let stageTimes = 0...604_800_000
    /// How often stages are read, in milliseconds.
    public static let pollIntervals = 100...60_000
    /// Numbers of tasks, comparisons and deaths.
    public static let stageCounts = 0...1_000_000
    /// Parts of a thousand.
    public static let perMille = 0...1000

    /// So often a callback that fails is run again.
    public static let callbackRetries = 0...1000
    /// So many callbacks run at once.
    public static let callbackRuns = 1...1024
    /// What callbacks can be told of.
    public static let callbackTopics = ["node", "leader", "address", "service", "stage"]

    /// How often an address is announced when it has been taken.
    public static let announcements = 1...100
    /// The times that announcements and looks at connections go by, in milliseconds.
    public static let addressTimes = 0...86_400_000
    /// The time for which ctdbd's takeover runs are held off, in milliseconds.
    public static let holdOffs = 3_000...120_000
    /// The lines that a history keeps.
    public static let historyLines = 100...1_000_000
    /// How public addresses can be dealt out: ctdbd's tunable decides, or one of these.
    public static let algorithms = [
        "tunable", "deterministic", "non-deterministic", "lcp2", "fewest-moves",
    ]

    /// What the daemons beside ctdbd read in ctdb.conf.d.
    public static let daemons = ConfigurationSchema(sections: [
        Section(
            name: "logging",
            settings: [
                Setting(
                    "level",
                    .choice([
                        "trace", "debug", "info", "notice", "warning", "error", "critical",
                    ]), "notice"),
                Setting("format", .choice(["text", "json"]), "text"),
            ]),
        Section(
            name: "event",
            settings: [
                Setting("output limit", .byteCount(outputLimits), "256K"),
                Setting("kill delay", .milliseconds(killDelays), "0"),
            ]),
        Section(
            name: "proxy",
            settings: [
                Setting("run directory", .path, "/run/ctdb/tablecloth"),
                Setting("ctdbd socket", .path, "/run/ctdb/ctdbd.socket"),
                Setting("user ids", .numbers, ""),
                Setting("realtime scheduling", .flag(digits: true), "false"),
                Setting("held limit", .byteCount(heldLimits), "16M"),
                Setting("normal window", .byteCount(windows), "256K"),
                Setting("urgent window", .byteCount(windows), "256K"),
                Setting("detached timeout", .milliseconds(timeouts), "10s"),
                Setting("drain timeout", .milliseconds(timeouts), "5s"),
            ]),
        Section(
            name: "stage",
            settings: [
                Setting("ctdbd socket", .path, "/run/ctdb/ctdbd.socket"),
                Setting("database directory", .folder, "/var/lib/ctdb/persistent"),
                Setting("poll interval", .milliseconds(pollIntervals), "1s"),
                Setting("verification age", .milliseconds(stageTimes), "60min"),
                Setting("shadow comparisons", .count(stageCounts), "1"),
                Setting("shadow differences", .count(perMille), "0"),
                Setting("watch window", .milliseconds(stageTimes), "60s"),
                Setting("watch tasks", .count(stageCounts), "20"),
                Setting("watch mismatches", .count(perMille), "10"),
                Setting("watch errors", .count(perMille), "50"),
                Setting("watch errors in a row", .count(stageCounts), "3"),
                Setting("watch latency", .milliseconds(stageTimes), "0"),
                Setting("death grace", .milliseconds(stageTimes), "10s"),
                Setting("hang grace", .milliseconds(stageTimes), "30s"),
                Setting("deaths", .count(stageCounts), "3"),
                Setting("death window", .milliseconds(stageTimes), "10min"),
            ]),
        Section(
            name: "clusterd",
            settings: [
                Setting("run directory", .path, "/run/ctdb/tablecloth"),
                Setting("user ids", .numbers, ""),
                Setting("callbacks at once", .count(callbackRuns), "16"),
            ]),
        Section(
            name: "ip",
            settings: [
                Setting("run directory", .path, "/run/ctdb/tablecloth"),
                Setting("user ids", .numbers, ""),
                Setting("algorithm", .choice(algorithms), "tunable"),
                Setting("hold off", .milliseconds(holdOffs), "10s"),
                Setting("announcements", .count(announcements), "3"),
                Setting("announce interval", .milliseconds(addressTimes), "1100ms"),
                Setting("announce refresh", .milliseconds(addressTimes), "60s"),
                Setting("connection interval", .milliseconds(timeouts), "1s"),
                Setting("partially online", .flag(digits: true), "false"),
                Setting("left out scripts", .list, "10.interface"),
                Setting("history file", .path, "/var/lib/ctdb/ip.history"),
                Setting("history lines", .count(historyLines), "10000"),
            ]),
        Section(
            name: "addresses *",
            settings: [
                Setting("addresses", .networks, nil),
                Setting("interfaces", .interfaces, nil),
            ]),
        Section(
            name: "callback *",
            settings: [
                Setting("program", .program, nil),
                Setting("on", .words(callbackTopics), nil),
                Setting("timeout", .milliseconds(timeouts), "30s"),
                Setting("retries", .count(callbackRetries), "5"),
                Setting("retry delay", .milliseconds(timeouts), "1s"),
            ]),
    ])
}
