// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Walks a database on one node for another node: the question of TRAVERSE_ALL_EXT.
///
/// - Shape: id, reqid, pnn, reqid, srvid (64 bits), 8 bits, padding to a machine word: 32 bytes,
///   in `.bits32` 28.
/// - Errors: `.truncated`; `.invalidValue` for a flag that is neither 0 nor 1.
/// - Source: `struct ctdb_traverse_all_ext`, ctdb/protocol/protocol.h, Samba 4.17.
public struct TraverseAllExtended: LegacyCoding, Hashable {
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
    /// Sends records without data too.
    public var withEmptyRecords: Bool

    /// Makes a value.
    public init(
        database: DatabaseID, reqid: Reqid, pnn: PNN, clientReqid: Reqid, srvid: SrvID,
        withEmptyRecords: Bool
    ) {
        self.database = database
        self.reqid = reqid
        self.pnn = pnn
        self.clientReqid = clientReqid
        self.srvid = srvid
        self.withEmptyRecords = withEmptyRecords
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database =
            DatabaseID(rawValue: try reader.readUInt32("db_id", of: "TraverseAllExtended"))
        let reqid = Reqid(rawValue: try reader.readUInt32("reqid", of: "TraverseAllExtended"))
        let pnn = PNN(rawValue: try reader.readUInt32("pnn", of: "TraverseAllExtended"))
        let clientReqid =
            Reqid(rawValue: try reader.readUInt32("client_reqid", of: "TraverseAllExtended"))
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "TraverseAllExtended"))
        let withEmptyRecords = try reader.readBool("withemptyrecords", of: "TraverseAllExtended")
        try reader.skip(layout.paddingAfterBool, "pad", of: "TraverseAllExtended")
        return Self(
            database: database, reqid: reqid, pnn: pnn, clientReqid: clientReqid, srvid: srvid,
            withEmptyRecords: withEmptyRecords)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(reqid.rawValue)
        writer.write(pnn.rawValue)
        writer.write(clientReqid.rawValue)
        writer.write(srvid.rawValue)
        writer.write(UInt8(withEmptyRecords ? 1 : 0))
        writer.writeZeros(layout.paddingAfterBool)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 25 &+ layout.paddingAfterBool }
}
