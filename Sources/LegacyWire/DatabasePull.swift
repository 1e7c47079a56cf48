// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Which records are wanted: the question of PULL_DB, until 4.13.
///
/// - Shape: id, lmaster: 8 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_pulldb`, ctdb/protocol/protocol.h, Samba 4.17.
public struct DatabasePull: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// Only records with this location master; `.unknown` for all of them.
    public var lmaster: PNN

    /// Makes a value.
    public init(database: DatabaseID, lmaster: PNN) {
        self.database = database
        self.lmaster = lmaster
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "DatabasePull"))
        let lmaster = PNN(rawValue: try reader.readUInt32("lmaster", of: "DatabasePull"))
        return Self(database: database, lmaster: lmaster)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(lmaster.rawValue)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 8 }
}
