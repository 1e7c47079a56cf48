// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Begins or ends a traversal: the question of TRAVERSE_START and TRAVERSE_KILL.
///
/// - Shape: id, reqid, srvid (64 bits): 16 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_traverse_start`, ctdb/protocol/protocol.h, Samba 4.17.
public struct TraverseStart: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// Comes back in each record, so that several traversals can share a srvid.
    public var reqid: Reqid
    /// Where the records go, one message each; a record without key and data is the last.
    public var srvid: SrvID

    /// Makes a value.
    public init(database: DatabaseID, reqid: Reqid, srvid: SrvID) {
        self.database = database
        self.reqid = reqid
        self.srvid = srvid
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "TraverseStart"))
        let reqid = Reqid(rawValue: try reader.readUInt32("reqid", of: "TraverseStart"))
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "TraverseStart"))
        return Self(database: database, reqid: reqid, srvid: srvid)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(reqid.rawValue)
        writer.write(srvid.rawValue)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 16 }
}
