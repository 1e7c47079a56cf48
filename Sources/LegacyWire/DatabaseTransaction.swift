// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A database and the recovery that is at work on it: the question of WIPE_DATABASE,
/// DB_TRANSACTION_START and DB_TRANSACTION_COMMIT.
///
/// - Shape: id, number: 8 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_transdb`, ctdb/protocol/protocol.h, Samba 4.17.
public struct DatabaseTransaction: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// The number of the transaction; the recovery uses its generation.
    public var transaction: UInt32

    /// Makes a value.
    public init(database: DatabaseID, transaction: UInt32) {
        self.database = database
        self.transaction = transaction
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database =
            DatabaseID(rawValue: try reader.readUInt32("db_id", of: "DatabaseTransaction"))
        let transaction = try reader.readUInt32("tid", of: "DatabaseTransaction")
        return Self(database: database, transaction: transaction)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(transaction)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 8 }
}
