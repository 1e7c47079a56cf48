// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// How often something was measured and how long it took.
///
/// - Shape: a signed 32-bit count, padding in `.bits64`, three times 64 bits: 32 bytes, in
///   `.bits32` 28.
/// - Units: seconds.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_latency_counter`, ctdb/protocol/protocol.h, Samba 4.17.
public struct LatencyCounter: LegacyCoding, Hashable {
    /// How often; 0 means that the other fields say nothing.
    public var count: Int32
    /// The shortest time.
    public var minimum: RealSeconds
    /// The longest time.
    public var maximum: RealSeconds
    /// The sum of the times.
    public var total: RealSeconds

    /// Makes a value.
    public init(count: Int32, minimum: RealSeconds, maximum: RealSeconds, total: RealSeconds) {
        self.count = count
        self.minimum = minimum
        self.maximum = maximum
        self.total = total
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let count = try reader.readInt32("num", of: "LatencyCounter")
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "LatencyCounter")
        let minimum = try RealSeconds.decode(from: &reader, layout: layout)
        let maximum = try RealSeconds.decode(from: &reader, layout: layout)
        let total = try RealSeconds.decode(from: &reader, layout: layout)
        return Self(count: count, minimum: minimum, maximum: maximum, total: total)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(count)
        writer.writeZeros(layout.paddingBeforeUInt64)
        minimum.encode(into: &writer, layout: layout)
        maximum.encode(into: &writer, layout: layout)
        total.encode(into: &writer, layout: layout)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        4 &+ layout.paddingBeforeUInt64 &+ minimum.byteCount(layout: layout)
            &+ maximum.byteCount(layout: layout) &+ total.byteCount(layout: layout)
    }
}
