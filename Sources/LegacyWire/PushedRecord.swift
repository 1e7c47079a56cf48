// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A record that another node keeps a copy of: the question of PUSH_RECORD, in the development
/// version.
///
/// - Shape: generation, id, `RecordHeader`, then twice a 32-bit count and so many bytes.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_push_record_data`, ctdb/protocol/protocol.h, and its functions in
///   protocol_types.c, Samba's development version after 4.24.
public struct PushedRecord: LegacyCoding, Hashable {
    /// The instance of the cluster; from another one nothing is stored.
    public var generation: Generation
    /// The database.
    public var database: DatabaseID
    /// The record's header.
    public var header: RecordHeader
    /// The record's key.
    public var key: ArraySlice<UInt8>
    /// The record's data without a header.
    public var value: ArraySlice<UInt8>

    /// Makes a value.
    public init(
        generation: Generation, database: DatabaseID, header: RecordHeader,
        key:
            ArraySlice<UInt8>, value: ArraySlice<UInt8>
    ) {
        self.generation = generation
        self.database = database
        self.header = header
        self.key = key
        self.value = value
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let generation =
            Generation(rawValue: try reader.readUInt32("generation", of: "PushedRecord"))
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "PushedRecord"))
        let header = try RecordHeader.decode(from: &reader, layout: layout)
        let key = try reader.readCountedBytes("keylen", of: "PushedRecord")
        let value = try reader.readCountedBytes("valuelen", of: "PushedRecord")
        return Self(
            generation: generation, database: database, header: header, key: key, value: value)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(generation.rawValue)
        writer.write(database.rawValue)
        header.encode(into: &writer, layout: layout)
        try writer.writeCounted(key, "keylen", of: "PushedRecord")
        try writer.writeCounted(value, "valuelen", of: "PushedRecord")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        16 &+ header.byteCount(layout: layout) &+ key.count &+ value.count
    }
}
