// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Counters of a daemon: the answer to STATISTICS, and an element of `StatisticsHistory`.
///
/// - Shape: 25 times 32 bits, padding in `.bits64`, twice `LatencyCounter`, `LockStatistics`,
///   7 times 32 bits, `CountBuckets`, padding in `.bits64`, twice `LatencyCounter`, 32 bits,
///   padding in `.bits64`, twice `Timeval`, twice 32 bits: 488 bytes, in `.bits32` 440.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_statistics`, ctdb/protocol/protocol.h, Samba 4.17; since 4.8.
public struct DaemonStatistics: LegacyCoding, Hashable {
    /// Clients and packets.
    public var general: General
    /// Packets from nodes.
    public var node: NodePackets
    /// Packets from clients.
    public var client: ClientPackets
    /// What was not answered in time.
    public var timeouts: Timeouts
    /// How long the daemon needed for the cluster lock.
    public var clusterLockDaemon: LatencyCounter
    /// How long the recovery daemon needed for it.
    public var clusterLockRecoveryDaemon: LatencyCounter
    /// Locks on databases.
    public var locks: LockStatistics
    /// Calls and memory.
    public var calls: Calls
    /// How many calls took so many hops; each bucket is twice as wide as the one before.
    public var hopCounts: CountBuckets
    /// How long calls took.
    public var callLatency: LatencyCounter
    /// How long writing by another process took.
    public var childwriteLatency: LatencyCounter
    /// Recoveries that this node took part in.
    public var recoveryCount: UInt32
    /// Since when is counted.
    public var started: Timeval
    /// Until when was counted.
    public var now: Timeval
    /// Read-only copies given away.
    public var readOnlyDelegations: UInt32
    /// Read-only copies called back.
    public var readOnlyRevokes: UInt32

    /// Makes counters.
    public init(
        general: General, node: NodePackets, client: ClientPackets, timeouts: Timeouts,
        clusterLockDaemon: LatencyCounter, clusterLockRecoveryDaemon: LatencyCounter,
        locks: LockStatistics, calls: Calls, hopCounts: CountBuckets,
        callLatency: LatencyCounter, childwriteLatency: LatencyCounter, recoveryCount: UInt32,
        started: Timeval, now: Timeval, readOnlyDelegations: UInt32, readOnlyRevokes: UInt32
    ) {
        self.general = general
        self.node = node
        self.client = client
        self.timeouts = timeouts
        self.clusterLockDaemon = clusterLockDaemon
        self.clusterLockRecoveryDaemon = clusterLockRecoveryDaemon
        self.locks = locks
        self.calls = calls
        self.hopCounts = hopCounts
        self.callLatency = callLatency
        self.childwriteLatency = childwriteLatency
        self.recoveryCount = recoveryCount
        self.started = started
        self.now = now
        self.readOnlyDelegations = readOnlyDelegations
        self.readOnlyRevokes = readOnlyRevokes
    }

    /// Reads counters.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let general = try General.decode(from: &reader)
        let node = try NodePackets.decode(from: &reader)
        let client = try ClientPackets.decode(from: &reader)
        let timeouts = try Timeouts.decode(from: &reader)
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "DaemonStatistics")
        let lockDaemon = try LatencyCounter.decode(from: &reader, layout: layout)
        let lockRecovery = try LatencyCounter.decode(from: &reader, layout: layout)
        let locks = try LockStatistics.decode(from: &reader, layout: layout)
        let calls = try Calls.decode(from: &reader)
        let hopCounts = try CountBuckets.decode(from: &reader, layout: layout)
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "DaemonStatistics")
        let callLatency = try LatencyCounter.decode(from: &reader, layout: layout)
        let childwriteLatency = try LatencyCounter.decode(from: &reader, layout: layout)
        let recoveryCount = try reader.readUInt32("num_recoveries", of: "DaemonStatistics")
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "DaemonStatistics")
        return Self(
            general: general, node: node, client: client, timeouts: timeouts,
            clusterLockDaemon: lockDaemon, clusterLockRecoveryDaemon: lockRecovery,
            locks: locks, calls: calls, hopCounts: hopCounts, callLatency: callLatency,
            childwriteLatency: childwriteLatency, recoveryCount: recoveryCount,
            started: try Timeval.decode(from: &reader, layout: layout),
            now: try Timeval.decode(from: &reader, layout: layout),
            readOnlyDelegations: try reader.readUInt32(
                "total_ro_delegations", of: "DaemonStatistics"),
            readOnlyRevokes: try reader.readUInt32("total_ro_revokes", of: "DaemonStatistics"))
    }

    /// Appends the counters.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        general.encode(into: &writer)
        node.encode(into: &writer)
        client.encode(into: &writer)
        timeouts.encode(into: &writer)
        writer.writeZeros(layout.paddingBeforeUInt64)
        clusterLockDaemon.encode(into: &writer, layout: layout)
        clusterLockRecoveryDaemon.encode(into: &writer, layout: layout)
        locks.encode(into: &writer, layout: layout)
        calls.encode(into: &writer)
        hopCounts.encode(into: &writer, layout: layout)
        writer.writeZeros(layout.paddingBeforeUInt64)
        callLatency.encode(into: &writer, layout: layout)
        childwriteLatency.encode(into: &writer, layout: layout)
        writer.write(recoveryCount)
        writer.writeZeros(layout.paddingBeforeUInt64)
        started.encode(into: &writer, layout: layout)
        now.encode(into: &writer, layout: layout)
        writer.write(readOnlyDelegations)
        writer.write(readOnlyRevokes)
    }

    /// 488, in `.bits32` 440.
    public func byteCount(layout: LegacyLayout) -> Int { Self.byteCount(layout: layout) }

    /// The size of every value of this type.
    static func byteCount(layout: LegacyLayout) -> Int { layout.wordSize == .bits64 ? 488 : 440 }
}
