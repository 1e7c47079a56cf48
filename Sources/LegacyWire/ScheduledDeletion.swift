// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A record to vacuum soon: the question of SCHEDULE_FOR_DELETION.
///
/// - Shape: id, padding in `.bits64`, `RecordHeader`, a 32-bit count, so many bytes.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_control_schedule_for_deletion`, ctdb/include/ctdb_protocol.h, Samba
///   4.17.
public struct ScheduledDeletion: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// The record's header when it became empty.
    public var header: RecordHeader
    /// The record's key.
    public var key: ArraySlice<UInt8>

    /// Makes a value.
    public init(database: DatabaseID, header: RecordHeader, key: ArraySlice<UInt8>) {
        self.database = database
        self.header = header
        self.key = key
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "ScheduledDeletion"))
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "ScheduledDeletion")
        let header = try RecordHeader.decode(from: &reader, layout: layout)
        let key = try reader.readCountedBytes("keylen", of: "ScheduledDeletion")
        return Self(database: database, header: header, key: key)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(database.rawValue)
        writer.writeZeros(layout.paddingBeforeUInt64)
        header.encode(into: &writer, layout: layout)
        try writer.writeCounted(key, "keylen", of: "ScheduledDeletion")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        8 &+ layout.paddingBeforeUInt64 &+ header.byteCount(layout: layout) &+ key.count
    }
}
