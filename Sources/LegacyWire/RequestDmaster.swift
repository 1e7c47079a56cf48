// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Asks the location master of a record to make another node its owner.
///
/// - Shape: 28 bytes, in `.bits32` 24, then the key, the data and the flags of the record. The
///   flags have no alignment, are counted by neither length, and are absent from old senders; they
///   are read when 4 bytes are left, are 0 otherwise, and are always written.
/// - Errors: `.truncated`; `.limitExceeded` for a key or data longer than the packet.
/// - Source: `struct ctdb_req_dmaster_old`, ctdb/include/ctdb_protocol.h;
///   `ctdb_call_send_dmaster`, ctdb/server/ctdb_call.c, Samba 4.17.
public struct RequestDmaster: LegacyCoding, Hashable {
    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 24 &+ layout.paddingBeforeUInt64 }

    /// The database of the record.
    public var database: DatabaseID
    /// How often the record has changed its owner.
    public var rsn: RSN
    /// The node that is to own the record.
    public var dmaster: PNN
    /// The record's key.
    public var key: ArraySlice<UInt8>
    /// The record's data.
    public var data: ArraySlice<UInt8>
    /// The flags in the record's header.
    public var recordFlags: UInt32

    /// Makes a request.
    public init(
        database: DatabaseID, rsn: RSN, dmaster: PNN,
        key: ArraySlice<UInt8>, data: ArraySlice<UInt8>, recordFlags: UInt32
    ) {
        self.database = database
        self.rsn = rsn
        self.dmaster = dmaster
        self.key = key
        self.data = data
        self.recordFlags = recordFlags
    }

    /// Reads the part of a packet behind its header; the reader must end with the packet.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "RequestDmaster"))
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "RequestDmaster")
        let rsn = RSN(rawValue: try reader.readUInt64("rsn", of: "RequestDmaster"))
        let dmaster = PNN(rawValue: try reader.readUInt32("dmaster", of: "RequestDmaster"))
        let keyCount = try reader.readCount("keylen", of: "RequestDmaster")
        let dataCount = try reader.readCount("datalen", of: "RequestDmaster")
        let key = try reader.readCounted(keyCount, "key", of: "RequestDmaster")
        let data = try reader.readCounted(dataCount, "data", of: "RequestDmaster")
        let recordFlags = try reader.readRecordFlags(of: "RequestDmaster")
        return Self(
            database: database, rsn: rsn, dmaster: dmaster, key: key, data: data,
            recordFlags: recordFlags)
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(database.rawValue)
        writer.writeZeros(layout.paddingBeforeUInt64)
        writer.write(rsn.rawValue)
        writer.write(dmaster.rawValue)
        try writer.writeCount(key.count, "keylen", of: "RequestDmaster")
        try writer.writeCount(data.count, "datalen", of: "RequestDmaster")
        writer.write(contentsOf: key)
        writer.write(contentsOf: data)
        writer.write(recordFlags)
    }

    /// The fixed part, the key, the data and the flags.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ key.count &+ data.count &+ 4
    }
}
