// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// How the daemon got its locks on databases: part of the counters.
///
/// - Shape: four times 32 bits, `LatencyCounter`, `CountBuckets`.
/// - Errors: `.truncated`.
/// - Source: the member `locks` of `struct ctdb_statistics`, ctdb/protocol/protocol.h, Samba 4.17.
public struct LockStatistics: LegacyCoding, Hashable {
    /// How many were asked for.
    public var callCount: UInt32
    /// How many are being waited for by a process.
    public var currentCount: UInt32
    /// How many wait for a process.
    public var pendingCount: UInt32
    /// How many could not be had.
    public var failedCount: UInt32
    /// How long it took.
    public var latency: LatencyCounter
    /// How often it took so long.
    public var buckets: CountBuckets

    /// Makes counters.
    public init(
        callCount: UInt32, currentCount: UInt32, pendingCount: UInt32, failedCount: UInt32,
        latency: LatencyCounter, buckets: CountBuckets
    ) {
        self.callCount = callCount
        self.currentCount = currentCount
        self.pendingCount = pendingCount
        self.failedCount = failedCount
        self.latency = latency
        self.buckets = buckets
    }

    /// Reads counters.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(
            callCount: try reader.readUInt32("num_calls", of: "LockStatistics"),
            currentCount: try reader.readUInt32("num_current", of: "LockStatistics"),
            pendingCount: try reader.readUInt32("num_pending", of: "LockStatistics"),
            failedCount: try reader.readUInt32("num_failed", of: "LockStatistics"),
            latency: try LatencyCounter.decode(from: &reader, layout: layout),
            buckets: try CountBuckets.decode(from: &reader, layout: layout))
    }

    /// Appends the counters.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(callCount)
        writer.write(currentCount)
        writer.write(pendingCount)
        writer.write(failedCount)
        latency.encode(into: &writer, layout: layout)
        buckets.encode(into: &writer, layout: layout)
    }

    /// 112, in `.bits32` 108.
    public func byteCount(layout: LegacyLayout) -> Int {
        16 &+ latency.byteCount(layout: layout) &+ buckets.byteCount(layout: layout)
    }
}
