// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Vocabulary

/// What stands at the beginning of a backup.
///
/// Behind it are `bufferCount` times: id of the database and a count, 32 bits each, the number of
/// bytes as a machine word, and so many bytes of `RecordData`, each with its header.
///
/// - Shape: version, time, flags, number of buffers, number of records, a machine word each; 64
///   bytes of name, filled with zeros: 104 bytes, in `.bits32` 84.
/// - Errors: `.truncated`.
/// - Source: `struct db_header` and `control_backupdb`, ctdb/tools/ctdb.c, and
///   `ctdb_rec_buffer_write`, ctdb/protocol/protocol_types.c, Samba 4.17.
public struct BackupHeader: LegacyCoding, Hashable {
    /// The version that the legacy tool writes and reads.
    public static let currentVersion: UInt64 = 3
    /// A name has so many bytes, a NUL among them.
    public static let nameByteCount = 64

    /// The version of the format.
    public var version: UInt64
    /// When it was made, in seconds since 1970.
    public var time: Int64
    /// What kind the database is, in the lowest 8 bits.
    public var flags: UInt64
    /// The number of buffers behind the header.
    public var bufferCount: UInt64
    /// The number of records in all of them.
    public var recordCount: UInt64
    /// The database's name, cut off after 63 bytes.
    public var name: [UInt8]

    /// Makes a header.
    public init(
        version: UInt64 = currentVersion, time: Int64, flags: DatabaseFlags, bufferCount: UInt64,
        recordCount: UInt64, name: String
    ) {
        self.version = version
        self.time = time
        self.flags = UInt64(flags.rawValue)
        self.bufferCount = bufferCount
        self.recordCount = recordCount
        self.name = Array(name.utf8.prefix(Self.nameByteCount - 1))
    }

    /// What kind the database is.
    public var databaseFlags: DatabaseFlags {
        DatabaseFlags(rawValue: UInt8(truncatingIfNeeded: flags))
    }

    /// Reads a header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let version = try reader.readWord("version", layout)
        let time = Int64(bitPattern: try reader.readWord("timestamp", layout))
        let flags = try reader.readWord("flags", layout)
        let bufferCount = try reader.readWord("nbuf", layout)
        let recordCount = try reader.readWord("nrec", layout)
        let name = try reader.readBytes(nameByteCount, "name", of: "BackupHeader")
        var header = Self(
            version: version, time: time, flags: [], bufferCount: bufferCount,
            recordCount: recordCount, name: "")
        header.flags = flags
        header.name = Array(name.prefix(nameByteCount - 1).prefix { $0 != 0 })
        return header
    }

    /// Appends the header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        for word in [version, UInt64(bitPattern: time), flags, bufferCount, recordCount] {
            switch layout.wordSize {
            case .bits64: writer.write(word)
            case .bits32: writer.write(UInt32(truncatingIfNeeded: word))
            }
        }
        let name = name.prefix(Self.nameByteCount - 1)
        writer.write(contentsOf: name)
        writer.writeZeros(Self.nameByteCount - name.count)
    }

    /// Always the same.
    public func byteCount(layout: LegacyLayout) -> Int { Self.byteCount(layout: layout) }

    /// The size in bytes.
    public static func byteCount(layout: LegacyLayout) -> Int {
        nameByteCount + (layout.wordSize == .bits64 ? 40 : 20)
    }
}

/// What stands in front of the records of one buffer of a backup.
struct BackupBufferHeader: Equatable {
    var database: DatabaseID
    var count: UInt32
    var byteCount: UInt64

    static func byteCount(layout: LegacyLayout) -> Int { layout.wordSize == .bits64 ? 16 : 12 }

    static func decode(
        _ bytes: ArraySlice<UInt8>, layout: LegacyLayout
    ) throws(WireError) -> Self {
        var reader = layout.reader(over: bytes)
        let database = DatabaseID(rawValue: try reader.readUInt32("db_id", of: "BackupBuffer"))
        let count = try reader.readUInt32("count", of: "BackupBuffer")
        return Self(
            database: database, count: count, byteCount: try reader.readWord("buflen", layout))
    }

    func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(database.rawValue)
        writer.write(count)
        switch layout.wordSize {
        case .bits64: writer.write(byteCount)
        case .bits32: writer.write(UInt32(truncatingIfNeeded: byteCount))
        }
    }
}

extension ByteReader {
    /// Reads a C `long`; one of 32 bits keeps its sign away.
    fileprivate mutating func readWord(
        _ field: StaticString, _ layout: LegacyLayout
    ) throws(WireError) -> UInt64 {
        switch layout.wordSize {
        case .bits64: try readUInt64(field, of: "BackupHeader")
        case .bits32: UInt64(try readUInt32(field, of: "BackupHeader"))
        }
    }
}
