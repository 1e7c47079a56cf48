// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A time as a C `double`: the question of RECD_RECLOCK_LATENCY, and part of the counters.
///
/// Two values are equal when their bits are: what was received can be told from what was sent.
///
/// - Shape: 64 bits.
/// - Units: seconds.
/// - Errors: `.truncated`.
/// - Source: `ctdb_double_push`, ctdb/protocol/protocol_basic.c, Samba 4.17.
public struct RealSeconds: LegacyCoding, Hashable {
    /// The bits of the number; it may be infinite or no number.
    public var bitPattern: UInt64

    /// Makes a time from bits.
    public init(bitPattern: UInt64) { self.bitPattern = bitPattern }

    /// Makes a time from a number.
    public init(_ seconds: Double) { bitPattern = seconds.bitPattern }

    /// The number.
    public var seconds: Double { Double(bitPattern: bitPattern) }

    /// Reads a time.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(bitPattern: try reader.readUInt64("double", of: "RealSeconds"))
    }

    /// Appends the time.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(bitPattern)
    }

    /// Always 8.
    public func byteCount(layout: LegacyLayout) -> Int { 8 }
}
