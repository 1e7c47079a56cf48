// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Walks a database on one node for another node: the question of TRAVERSE_ALL.
///
/// - Shape: id, reqid, pnn, reqid, srvid (64 bits): 24 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_traverse_all`, ctdb/protocol/protocol.h, Samba 4.17.
public struct TraverseAll: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// The traversal on the node that began it; comes back in each TRAVERSE_DATA.
    public var reqid: Reqid
    /// The node that began it.
    public var pnn: PNN
    /// The number that the client chose.
    public var clientReqid: Reqid
    /// Where the client gets the records.
    public var srvid: SrvID

    /// Makes a value.
    public init(database: DatabaseID, reqid: Reqid, pnn: PNN, clientReqid: Reqid, srvid: SrvID) {
        self.database = database
        self.reqid = reqid
        self.pnn = pnn
        self.clientReqid = clientReqid
        self.srvid = srvid
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "TraverseAll"))
        let reqid = Reqid(rawValue: try reader.readUInt32("reqid", of: "TraverseAll"))
        let pnn = PNN(rawValue: try reader.readUInt32("pnn", of: "TraverseAll"))
        let clientReqid = Reqid(rawValue: try reader.readUInt32("client_reqid", of: "TraverseAll"))
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "TraverseAll"))
        return Self(
            database: database, reqid: reqid, pnn: pnn, clientReqid: clientReqid, srvid: srvid)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(reqid.rawValue)
        writer.write(pnn.rawValue)
        writer.write(clientReqid.rawValue)
        writer.write(srvid.rawValue)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 24 }
}
