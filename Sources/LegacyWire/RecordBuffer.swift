// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Records of one database: the question of UPDATE_RECORD, TRANS3_COMMIT, VACUUM_FETCH and
/// TRY_DELETE_RECORDS, the answer to the latter, and the data of messages in a recovery.
///
/// - Shape: id, a 32-bit count, then so many times `RecordData`, each with a `RecordHeader` in
///   front of its data. No padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; the errors of
///   `RecordData`.
/// - Source: `struct ctdb_marshall_buffer`, ctdb/include/ctdb_protocol.h; `ctdb_rec_buffer_push`,
///   ctdb/protocol/protocol_types.c, Samba 4.17.
public struct RecordBuffer: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// The records.
    public var records: [RecordData]

    /// Makes a buffer.
    public init(database: DatabaseID, records: [RecordData]) {
        self.database = database
        self.records = records
    }

    /// Reads a buffer.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "RecordBuffer"))
        let count = try reader.readCount(
            ofElementsOf: RecordData.fixedByteCount, "count", of: "RecordBuffer")
        // Nothing is reserved: a record in memory is larger than the least record in the packet.
        var records: [RecordData] = []
        for _ in 0..<count {
            records.append(try RecordData.decode(from: &reader, layout: layout))
        }
        return Self(database: database, records: records)
    }

    /// Appends the buffer.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(database.rawValue)
        try writer.writeCount(records.count, "count", of: "RecordBuffer")
        for record in records { try record.encode(into: &writer, layout: layout) }
    }

    /// The id, the count and the records.
    public func byteCount(layout: LegacyLayout) -> Int {
        records.reduce(8) { $0 &+ $1.byteCount(layout: layout) }
    }
}
