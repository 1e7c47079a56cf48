// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat

/// The file ctdb.tunables: `Name=value` in each line.
///
/// - Source: ctdb-tunables(7); ctdb/common/tunable.c, Samba 4.17.
public struct TunablesFile: Equatable, Sendable {
    /// A tunable that the file sets.
    public struct Entry: Equatable, Sendable {
        /// Its name, as ctdbd writes it.
        public var name: String
        /// Its value.
        public var value: UInt32
        /// The line, from 1.
        public var line: Int
    }

    /// The tunables of ctdbd 4.17, and what each is when nobody says.
    public static let usual: [String: UInt32] = [
        "SeqnumInterval": 1000, "ControlTimeout": 60, "TraverseTimeout": 20,
        "KeepaliveInterval": 5, "KeepaliveLimit": 5, "RecoverTimeout": 30, "RecoverInterval": 1,
        "ElectionTimeout": 3, "TakeoverTimeout": 9, "MonitorInterval": 15,
        "TickleUpdateInterval": 20, "EventScriptTimeout": 30, "MonitorTimeoutCount": 20,
        "RecoveryGracePeriod": 120, "RecoveryBanPeriod": 300, "DatabaseHashSize": 100_001,
        "DatabaseMaxDead": 5, "RerecoveryTimeout": 10, "EnableBans": 1, "NoIPFailback": 0,
        "VerboseMemoryNames": 0, "RecdPingTimeout": 60, "RecdFailCount": 10, "LogLatencyMs": 0,
        "RecLockLatencyMs": 1000, "RecoveryDropAllIPs": 120, "VacuumInterval": 10,
        "VacuumMaxRunTime": 120, "RepackLimit": 10_000, "VacuumFastPathCount": 60,
        "MaxQueueDropMsg": 1_000_000, "AllowUnhealthyDBRead": 0, "StatHistoryInterval": 1,
        "DeferredAttachTO": 120, "AllowClientDBAttach": 1, "FetchCollapse": 1,
        "HopcountMakeSticky": 50, "StickyDuration": 600, "StickyPindown": 200, "NoIPTakeover": 0,
        "DBRecordCountWarn": 100_000, "DBRecordSizeWarn": 10_000_000, "DBSizeWarn": 100_000_000,
        "PullDBPreallocation": 10_485_760, "LockProcessesPerDB": 200,
        "RecBufferSizeLimit": 1_000_000, "QueueBufferSize": 1024, "IPAllocAlgorithm": 2,
        "AllowMixedVersions": 0,
    ]

    /// Tunables that ctdbd has no use for any more, and refuses in the file.
    public static let obsolete: Set<String> = [
        "MaxRedirectCount", "EventScriptUnhealthyOnTimeout", "DeterministicIPs", "LCP2PublicIPs",
        "ReclockPingPeriod", "DisableIPFailover", "VerifyRecoveryLock", "VacuumLimit",
        "RecoverPDBBySeqNum", "DeferredRebalanceOnNodeAdd", "NoIPHostOnAllDisabled",
        "Samba3AvoidDeadlocks", "TDBMutexEnabled",
    ]

    /// The tunables that are set.
    public private(set) var entries: [Entry] = []
    /// What is wrong with the file.
    public private(set) var complaints: [Complaint] = []

    /// Reads a file.
    public init(parsing bytes: [UInt8], file: String) {
        let text = ConfigurationText(parsing: bytes, source: file)
        complaints = text.problems.map { error in
            error.problem == .notASetting
                ? Complaint(file: file, line: error.line, "expected Name=value") : Complaint(error)
        }
        for heading in text.headings {
            complaints.append(
                Complaint(
                    file: file, line: heading.line, key: "[\(heading.name)]",
                    "this file has no sections"))
        }
        for setting in text.settings { read(setting, file) }
        complaints.sort(by: Complaint.isBefore)
    }

    /// The tunable of a name, which has no case; nil when there is none.
    public static func known(_ name: String) -> (name: String, isObsolete: Bool)? {
        let same = { (other: String) in other.lowercased() == name.lowercased() }
        if let known = usual.keys.first(where: same) { return (known, false) }
        return obsolete.first(where: same).map { ($0, true) }
    }

    /// A value as ctdbd reads it, in decimal, octal or hexadecimal.
    public static func value(_ text: String) -> UInt32? {
        ShellNumber.unsigned(text).flatMap { UInt32(exactly: $0) }
    }

    private mutating func read(_ setting: ConfigurationText.Setting, _ file: String) {
        func complain(_ what: String, nearest: String? = nil) {
            complaints.append(
                Complaint(
                    file: file, line: setting.line, key: setting.name.shortened, what,
                    nearest: nearest))
        }
        guard let known = Self.known(setting.name) else {
            return complain(
                "there is no such tunable",
                nearest: NearestNames.of(setting.name, among: Array(Self.usual.keys)).first)
        }
        guard !known.isObsolete else {
            return complain("this tunable is obsolete, and ctdbd does not start with it")
        }
        guard let text = setting.value, !text.isEmpty else {
            return complain("expected Name=value")
        }
        guard let value = Self.value(text) else {
            return complain("\"\(text.shortened)\": expected a number from 0 to 4294967295")
        }
        if let first = entries.first(where: { $0.name == known.name }) {
            return complain("it is in line \(first.line) already")
        }
        entries.append(Entry(name: known.name, value: value, line: setting.line))
    }
}
