// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Which records go where in messages: the question of DB_PULL and DB_PUSH_START.
///
/// - Shape: id, lmaster, srvid (64 bits): 16 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_pulldb_ext`, ctdb/protocol/protocol.h, Samba 4.17.
public struct DatabaseTransfer: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// Only records with this location master; `.unknown` for all of them.
    public var lmaster: PNN
    /// Where the messages with the records go.
    public var srvid: SrvID

    /// Makes a value.
    public init(database: DatabaseID, lmaster: PNN, srvid: SrvID) {
        self.database = database
        self.lmaster = lmaster
        self.srvid = srvid
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "DatabaseTransfer"))
        let lmaster = PNN(rawValue: try reader.readUInt32("lmaster", of: "DatabaseTransfer"))
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "DatabaseTransfer"))
        return Self(database: database, lmaster: lmaster, srvid: srvid)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(lmaster.rawValue)
        writer.write(srvid.rawValue)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 16 }
}
