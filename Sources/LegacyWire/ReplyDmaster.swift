// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Gives a record and its ownership to the node that asked for it.
///
/// - Shape: 24 bytes, in `.bits32` 20, then the key, the data and the flags of the record, as in
///   `RequestDmaster`.
/// - Errors: `.truncated`; `.limitExceeded` for a key or data longer than the packet.
/// - Source: `struct ctdb_reply_dmaster_old`, ctdb/include/ctdb_protocol.h;
///   `ctdb_send_dmaster_reply`, ctdb/server/ctdb_call.c, Samba 4.17.
public struct ReplyDmaster: LegacyCoding, Hashable {
    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 20 &+ layout.paddingBeforeUInt64 }

    /// The database of the record.
    public var database: DatabaseID
    /// How often the record has changed its owner.
    public var rsn: RSN
    /// The record's key.
    public var key: ArraySlice<UInt8>
    /// The record's data.
    public var data: ArraySlice<UInt8>
    /// The flags in the record's header.
    public var recordFlags: UInt32

    /// Makes a reply.
    public init(
        database: DatabaseID, rsn: RSN,
        key: ArraySlice<UInt8>, data: ArraySlice<UInt8>, recordFlags: UInt32
    ) {
        self.database = database
        self.rsn = rsn
        self.key = key
        self.data = data
        self.recordFlags = recordFlags
    }

    /// Reads the part of a packet behind its header; the reader must end with the packet.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "ReplyDmaster"))
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "ReplyDmaster")
        let rsn = RSN(rawValue: try reader.readUInt64("rsn", of: "ReplyDmaster"))
        let keyCount = try reader.readCount("keylen", of: "ReplyDmaster")
        let dataCount = try reader.readCount("datalen", of: "ReplyDmaster")
        let key = try reader.readCounted(keyCount, "key", of: "ReplyDmaster")
        let data = try reader.readCounted(dataCount, "data", of: "ReplyDmaster")
        let recordFlags = try reader.readRecordFlags(of: "ReplyDmaster")
        return Self(database: database, rsn: rsn, key: key, data: data, recordFlags: recordFlags)
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(database.rawValue)
        writer.writeZeros(layout.paddingBeforeUInt64)
        writer.write(rsn.rawValue)
        try writer.writeCount(key.count, "keylen", of: "ReplyDmaster")
        try writer.writeCount(data.count, "datalen", of: "ReplyDmaster")
        writer.write(contentsOf: key)
        writer.write(contentsOf: data)
        writer.write(recordFlags)
    }

    /// The fixed part, the key, the data and the flags.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ key.count &+ data.count &+ 4
    }
}
