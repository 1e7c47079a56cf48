// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Older counters of a daemon, the latest first: the answer to GET_STAT_HISTORY.
///
/// ctdbd answers with 100 elements; those that are not used yet are zero.
///
/// - Shape: a 32-bit count, padding in `.bits64`, so many times `DaemonStatistics`.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_statistics_list_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct StatisticsHistory: LegacyCoding, Hashable {
    /// The counters.
    public var elements: [DaemonStatistics]

    /// Makes a history.
    public init(elements: [DaemonStatistics]) { self.elements = elements }

    /// Reads a history.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let start = reader.offset
        let number = try reader.readUInt32("num", of: "StatisticsHistory")
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "StatisticsHistory")
        let limit = UInt64(reader.available / DaemonStatistics.byteCount(layout: layout))
        guard UInt64(number) <= limit else {
            throw WireError(
                code: .limitExceeded(value: UInt64(number), limit: limit),
                type: "StatisticsHistory", field: "num", offset: start)
        }
        var elements: [DaemonStatistics] = []
        elements.reserveCapacity(Int(number))
        for _ in 0..<number {
            elements.append(try DaemonStatistics.decode(from: &reader, layout: layout))
        }
        return Self(elements: elements)
    }

    /// Appends the history.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCount(elements.count, "num", of: "StatisticsHistory")
        writer.writeZeros(layout.paddingBeforeUInt64)
        for element in elements { element.encode(into: &writer, layout: layout) }
    }

    /// The count, the padding and the counters.
    public func byteCount(layout: LegacyLayout) -> Int {
        4 &+ layout.paddingBeforeUInt64
            &+ elements.count &* DaemonStatistics.byteCount(layout: layout)
    }
}
