// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Counters of a database: the answer to GET_DB_STATISTICS.
///
/// - Shape: `LockStatistics`, `LatencyCounter`, twice 32 bits, `CountBuckets`, the number of hot
///   keys, padding in `.bits64`; ten places for hot keys, each a 32-bit count, padding in
///   `.bits64`, a pointer that means nothing and the size of the key in a machine word; then the
///   ten keys. 464 bytes without the keys, in `.bits32` 332.
/// - Errors: `.truncated`; `.limitExceeded` for the size of a key that the bytes cannot hold, and
///   when written for more than ten keys.
/// - Source: `struct ctdb_db_statistics_old`, ctdb/include/ctdb_protocol.h;
///   `ctdb_db_statistics_push`, ctdb/protocol/protocol_types.c, Samba 4.17.
public struct DatabaseStatistics: LegacyCoding, Hashable {
    /// A record that many calls were about.
    public struct HotKey: Hashable, Sendable {
        /// How many hops a call for it took at most.
        public var count: UInt32
        /// The record's key; empty in a place that is not used.
        public var key: ArraySlice<UInt8>

        /// Makes a hot key.
        public init(count: UInt32 = 0, key: ArraySlice<UInt8> = []) {
            self.count = count
            self.key = key
        }
    }

    /// The number of places for hot keys.
    public static let hotKeyPlaces = 10

    /// Locks on the database.
    public var locks: LockStatistics
    /// How long vacuuming took.
    public var vacuumLatency: LatencyCounter
    /// Read-only copies given away.
    public var readOnlyDelegations: UInt32
    /// Read-only copies called back.
    public var readOnlyRevokes: UInt32
    /// How many calls took so many hops.
    public var hopCounts: CountBuckets
    /// How many places are meant; 10 from ctdbd.
    public var hotKeyCount: UInt32
    /// The places, always ten when they were read; those that are missing are written as zero.
    public var hotKeys: [HotKey]

    /// Makes counters.
    public init(
        locks: LockStatistics, vacuumLatency: LatencyCounter, readOnlyDelegations: UInt32,
        readOnlyRevokes: UInt32, hopCounts: CountBuckets, hotKeyCount: UInt32 = 10,
        hotKeys: [HotKey]
    ) {
        self.locks = locks
        self.vacuumLatency = vacuumLatency
        self.readOnlyDelegations = readOnlyDelegations
        self.readOnlyRevokes = readOnlyRevokes
        self.hopCounts = hopCounts
        self.hotKeyCount = hotKeyCount
        self.hotKeys = hotKeys
    }

    /// Reads counters.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        var result = Self(
            locks: try LockStatistics.decode(from: &reader, layout: layout),
            vacuumLatency: try LatencyCounter.decode(from: &reader, layout: layout),
            readOnlyDelegations: try reader.readUInt32(
                "db_ro_delegations", of: "DatabaseStatistics"),
            readOnlyRevokes: try reader.readUInt32("db_ro_revokes", of: "DatabaseStatistics"),
            hopCounts: try CountBuckets.decode(from: &reader, layout: layout),
            hotKeyCount: try reader.readUInt32("num_hot_keys", of: "DatabaseStatistics"),
            hotKeys: [])
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "DatabaseStatistics")
        var places: [(count: UInt32, size: UInt64)] = []
        for _ in 0..<hotKeyPlaces {
            let count = try reader.readUInt32("count", of: "DatabaseStatistics")
            try reader.skip(layout.paddingBeforeUInt64, "pad", of: "DatabaseStatistics")
            try reader.skip(layout.longByteCount, "dptr", of: "DatabaseStatistics")
            let size =
                layout.wordSize == .bits64
                ? try reader.readUInt64("dsize", of: "DatabaseStatistics")
                : UInt64(try reader.readUInt32("dsize", of: "DatabaseStatistics"))
            places.append((count, size))
        }
        for place in places {
            let key = try reader.readCounted(
                Int(clamping: place.size), "dsize", of: "DatabaseStatistics")
            result.hotKeys.append(HotKey(count: place.count, key: key))
        }
        return result
    }

    /// Appends the counters.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        guard hotKeys.count <= Self.hotKeyPlaces else {
            throw WireError(
                code: .limitExceeded(
                    value: UInt64(clamping: hotKeys.count),
                    limit: UInt64(clamping: Self.hotKeyPlaces)),
                type: "DatabaseStatistics", field: "hot_keys", offset: writer.count)
        }
        locks.encode(into: &writer, layout: layout)
        vacuumLatency.encode(into: &writer, layout: layout)
        writer.write(readOnlyDelegations)
        writer.write(readOnlyRevokes)
        hopCounts.encode(into: &writer, layout: layout)
        writer.write(hotKeyCount)
        writer.writeZeros(layout.paddingBeforeUInt64)
        for place in 0..<Self.hotKeyPlaces {
            let hotKey = place < hotKeys.count ? hotKeys[place] : HotKey()
            writer.write(hotKey.count)
            writer.writeZeros(layout.paddingBeforeUInt64)
            writer.writeZeros(layout.longByteCount)
            if layout.wordSize == .bits64 {
                writer.write(UInt64(clamping: hotKey.key.count))
            } else {
                try writer.writeCount(hotKey.key.count, "dsize", of: "DatabaseStatistics")
            }
        }
        for hotKey in hotKeys { writer.write(contentsOf: hotKey.key) }
    }

    /// The fixed part and the keys.
    public func byteCount(layout: LegacyLayout) -> Int {
        hotKeys.reduce(layout.wordSize == .bits64 ? 464 : 332) { $0 &+ $1.key.count }
    }
}
