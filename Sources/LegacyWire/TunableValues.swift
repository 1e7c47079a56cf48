// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The values of all tunables: the answer to GET_ALL_TUNABLES.
///
/// Which value is which depends on the version; the names are those of 4.8 to 4.24.
///
/// - Shape: 32 bits for each value, 62 of them.
/// - Errors: `.truncated` when the bytes are no whole number of values.
/// - Source: `struct ctdb_tunable_list`, ctdb/protocol/protocol.h; ctdb/common/tunable.c, Samba
///   4.17.
public struct TunableValues: LegacyCoding, Hashable {
    /// The names in the order of the values.
    public static let names = [
        "MaxRedirectCount", "SeqnumInterval", "ControlTimeout", "TraverseTimeout",
        "KeepaliveInterval", "KeepaliveLimit", "RecoverTimeout", "RecoverInterval",
        "ElectionTimeout", "TakeoverTimeout", "MonitorInterval", "TickleUpdateInterval",
        "EventScriptTimeout", "MonitorTimeoutCount", "EventScriptUnhealthyOnTimeout",
        "RecoveryGracePeriod", "RecoveryBanPeriod", "DatabaseHashSize", "DatabaseMaxDead",
        "RerecoveryTimeout", "EnableBans", "DeterministicIPs", "ReclockPingPeriod",
        "NoIPFailback", "DisableIPFailover", "VerboseMemoryNames", "RecdPingTimeout",
        "RecdFailCount", "LogLatencyMs", "RecLockLatencyMs", "RecoveryDropAllIPs",
        "VerifyRecoveryLock", "VacuumInterval", "VacuumMaxRunTime", "RepackLimit", "VacuumLimit",
        "MaxQueueDropMsg", "AllowUnhealthyDBRead", "StatHistoryInterval", "DeferredAttachTO",
        "VacuumFastPathCount", "LCP2PublicIPs", "AllowClientDBAttach", "RecoverPDBBySeqNum",
        "DeferredRebalanceOnNodeAdd", "FetchCollapse", "HopcountMakeSticky", "StickyDuration",
        "StickyPindown", "NoIPTakeover", "DBRecordCountWarn", "DBRecordSizeWarn", "DBSizeWarn",
        "PullDBPreallocation", "NoIPHostOnAllDisabled", "Samba3AvoidDeadlocks", "TDBMutexEnabled",
        "LockProcessesPerDB", "RecBufferSizeLimit", "QueueBufferSize", "IPAllocAlgorithm",
        "AllowMixedVersions",
    ]

    /// The values.
    public var values: [UInt32]

    /// Makes a list.
    public init(values: [UInt32]) { self.values = values }

    /// The value of a tunable, nil when it is not there.
    public subscript(name: String) -> UInt32? {
        guard let index = Self.names.firstIndex(of: name), index < values.count else { return nil }
        return values[index]
    }

    /// Reads all values that the bytes have.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        var values: [UInt32] = []
        values.reserveCapacity(reader.available / 4)
        while reader.available > 0 {
            values.append(try reader.readUInt32("value", of: "TunableValues"))
        }
        return Self(values: values)
    }

    /// Appends the values.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        for value in values { writer.write(value) }
    }

    /// 4 for each value.
    public func byteCount(layout: LegacyLayout) -> Int { values.count &* 4 }
}
