// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Asks the node that owns a record to run a function on it, which is how records are fetched.
///
/// - Shape: 24 bytes, then the key, then the function's data; no padding.
/// - Errors: `.truncated`; `.limitExceeded` for a key or data longer than the packet.
/// - Source: `struct ctdb_req_call_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct RequestCall: LegacyCoding, Hashable {
    /// How a call is to be done.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits as they stand on the wire.
        public let rawValue: UInt32
        /// Makes flags from bits; unknown bits are kept.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The record moves to the caller's node now.
        public static let immediateMigration = Flags(rawValue: 0x01)
        /// The move is part of vacuuming.
        public static let vacuumMigration = Flags(rawValue: 0x02)
        /// A read-only copy is enough.
        public static let wantReadOnly = Flags(rawValue: 0x04)
    }

    /// Does nothing, on the owning node.
    public static let nullFunction: UInt32 = 0xFF00_0001
    /// Answers with the record's data.
    public static let fetchFunction: UInt32 = 0xFF00_0002
    /// Answers with the record's header and data.
    public static let fetchWithHeaderFunction: UInt32 = 0xFF00_0003

    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 24 }

    /// How the call is to be done.
    public var flags: Flags
    /// The database of the record.
    public var database: DatabaseID
    /// The number of the function.
    public var function: UInt32
    /// How often the request has been passed on.
    public var hopCount: UInt32
    /// The record's key.
    public var key: ArraySlice<UInt8>
    /// What the function is given.
    public var data: ArraySlice<UInt8>

    /// Makes a request.
    public init(
        flags: Flags, database: DatabaseID, function: UInt32, hopCount: UInt32,
        key: ArraySlice<UInt8>, data: ArraySlice<UInt8>
    ) {
        self.flags = flags
        self.database = database
        self.function = function
        self.hopCount = hopCount
        self.key = key
        self.data = data
    }

    /// Reads the part of a packet behind its header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let flags = Flags(rawValue: try reader.readUInt32("flags", of: "RequestCall"))
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "RequestCall"))
        let function = try reader.readUInt32("callid", of: "RequestCall")
        let hopCount = try reader.readUInt32("hopcount", of: "RequestCall")
        let keyCount = try reader.readCount("keylen", of: "RequestCall")
        let dataCount = try reader.readCount("calldatalen", of: "RequestCall")
        return Self(
            flags: flags, database: database, function: function, hopCount: hopCount,
            key: try reader.readCounted(keyCount, "key", of: "RequestCall"),
            data: try reader.readCounted(dataCount, "calldata", of: "RequestCall"))
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(flags.rawValue)
        writer.write(database.rawValue)
        writer.write(function)
        writer.write(hopCount)
        try writer.writeCount(key.count, "keylen", of: "RequestCall")
        try writer.writeCount(data.count, "calldatalen", of: "RequestCall")
        writer.write(contentsOf: key)
        writer.write(contentsOf: data)
    }

    /// The fixed part, the key and the data.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ key.count &+ data.count
    }
}
