// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Begins a traversal: the question of TRAVERSE_START_EXT.
///
/// - Shape: id, reqid, srvid (64 bits), 8 bits, padding to a machine word: 24 bytes, in `.bits32`
///   20.
/// - Errors: `.truncated`; `.invalidValue` for a flag that is neither 0 nor 1.
/// - Source: `struct ctdb_traverse_start_ext`, ctdb/protocol/protocol.h, Samba 4.17.
public struct TraverseStartExtended: LegacyCoding, Hashable {
    /// The database.
    public var database: DatabaseID
    /// Comes back in each record, so that several traversals can share a srvid.
    public var reqid: Reqid
    /// Where the records go, one message each; a record without key and data is the last.
    public var srvid: SrvID
    /// Sends records without data too.
    public var withEmptyRecords: Bool

    /// Makes a value.
    public init(database: DatabaseID, reqid: Reqid, srvid: SrvID, withEmptyRecords: Bool) {
        self.database = database
        self.reqid = reqid
        self.srvid = srvid
        self.withEmptyRecords = withEmptyRecords
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database =
            DatabaseID(rawValue: try reader.readUInt32("db_id", of: "TraverseStartExtended"))
        let reqid = Reqid(rawValue: try reader.readUInt32("reqid", of: "TraverseStartExtended"))
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "TraverseStartExtended"))
        let withEmptyRecords = try reader.readBool("withemptyrecords", of: "TraverseStartExtended")
        try reader.skip(layout.paddingAfterBool, "pad", of: "TraverseStartExtended")
        return Self(
            database: database, reqid: reqid, srvid: srvid, withEmptyRecords: withEmptyRecords)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(reqid.rawValue)
        writer.write(srvid.rawValue)
        writer.write(UInt8(withEmptyRecords ? 1 : 0))
        writer.writeZeros(layout.paddingAfterBool)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 17 &+ layout.paddingAfterBool }
}
