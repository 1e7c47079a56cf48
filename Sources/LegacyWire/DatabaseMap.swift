// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What kind a database is.
///
/// - Source: `CTDB_DB_FLAGS_*`, ctdb/protocol/protocol.h, Samba 4.17.
public struct DatabaseFlags: OptionSet, Hashable, Sendable {
    /// The bits as they stand on the wire.
    public let rawValue: UInt8
    /// Makes flags from bits; unknown bits are kept.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Survives a restart; every node has all of it.
    public static let persistent = DatabaseFlags(rawValue: 0x01)
    /// Read-only copies of records are allowed.
    public static let readOnly = DatabaseFlags(rawValue: 0x02)
    /// Hot records stay in place for a while.
    public static let sticky = DatabaseFlags(rawValue: 0x04)
    /// Every node has all of it, until the cluster stops.
    public static let replicated = DatabaseFlags(rawValue: 0x08)
}

/// The databases of a node: the answer to GET_DBMAP.
///
/// - Shape: a 32-bit count, then 8 bytes for each database: id, flags (8 bits), 3 of padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_dbid_map_old`, ctdb/include/ctdb_protocol.h; `struct ctdb_dbid`,
///   ctdb/protocol/protocol.h, Samba 4.17.
public struct DatabaseMap: LegacyCoding, Hashable {
    /// One database.
    public struct Database: Hashable, Sendable {
        /// The size of a database in bytes.
        static let byteCount = 8

        /// The hash of its name.
        public var id: DatabaseID
        /// What kind it is.
        public var flags: DatabaseFlags

        /// Makes a database.
        public init(id: DatabaseID, flags: DatabaseFlags) {
            self.id = id
            self.flags = flags
        }
    }

    /// The databases.
    public var databases: [Database]

    /// Makes a map.
    public init(databases: [Database]) { self.databases = databases }

    /// Reads a map.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let count = try reader.readCount(
            ofElementsOf: Database.byteCount, "num", of: "DatabaseMap")
        var databases: [Database] = []
        databases.reserveCapacity(count)
        for _ in 0..<count {
            let id = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "DatabaseMap"))
            let flags = DatabaseFlags(rawValue: try reader.readUInt8("flags", of: "DatabaseMap"))
            try reader.skip(3, "pad", of: "DatabaseMap")
            databases.append(Database(id: id, flags: flags))
        }
        return Self(databases: databases)
    }

    /// Appends the map.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCount(databases.count, "num", of: "DatabaseMap")
        for database in databases {
            writer.write(database.id.rawValue)
            writer.write(database.flags.rawValue)
            writer.writeZeros(3)
        }
    }

    /// The count and the databases.
    public func byteCount(layout: LegacyLayout) -> Int {
        4 &+ databases.count &* Database.byteCount
    }
}
