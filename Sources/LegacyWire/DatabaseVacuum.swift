// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A database to vacuum: the question of DB_VACUUM.
///
/// - Shape: id, 8 bits: 5 bytes, no padding.
/// - Errors: `.truncated`; `.invalidValue` for a flag that is neither 0 nor 1.
/// - Source: `ctdb_db_vacuum_push`, ctdb/protocol/protocol_types.c, Samba 4.17; not the C struct,
///   which has padding.
public struct DatabaseVacuum: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// Walks the whole database instead of the records that were scheduled.
    public var isFull: Bool

    /// Makes a value.
    public init(database: DatabaseID, isFull: Bool) {
        self.database = database
        self.isFull = isFull
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "DatabaseVacuum"))
        let isFull = try reader.readBool("full_vacuum_run", of: "DatabaseVacuum")
        return Self(database: database, isFull: isFull)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(UInt8(isFull ? 1 : 0))
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 5 }
}
