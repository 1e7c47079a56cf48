// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A histogram of the counters: how often something took so long or so many hops.
///
/// - Shape: 16 times 32 bits.
/// - Errors: `.truncated`.
/// - Source: `MAX_COUNT_BUCKETS`, ctdb/protocol/protocol.h, Samba 4.17.
public struct CountBuckets: LegacyCoding, Hashable {
    /// The number of buckets.
    public static let count = 16

    /// The buckets, always 16.
    public let counts: [UInt32]

    /// Makes a histogram; the buckets are cut or filled with 0 to 16.
    public init(_ counts: [UInt32] = []) {
        let used = counts.prefix(Self.count)
        self.counts = Array(used) + [UInt32](repeating: 0, count: Self.count &- used.count)
    }

    /// Reads a histogram.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        try reader.require(4 &* count, "buckets", of: "CountBuckets")
        var counts: [UInt32] = []
        counts.reserveCapacity(count)
        for _ in 0..<count { counts.append(try reader.readUInt32("bucket", of: "CountBuckets")) }
        return Self(counts)
    }

    /// Appends the histogram.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        for count in counts { writer.write(count) }
    }

    /// Always 64.
    public func byteCount(layout: LegacyLayout) -> Int { 4 &* Self.count }
}
