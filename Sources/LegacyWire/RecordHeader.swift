// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What lies in front of the data of each record in a database's file.
///
/// - Shape: rsn (64 bits), dmaster, 32 bits not used, flags, padding in `.bits64`: 24 bytes, in
///   `.bits32` 20.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_ltdb_header`, ctdb/protocol/protocol.h, Samba 4.17.
public struct RecordHeader: LegacyCoding, Hashable {
    /// Grows with each change; the highest is the latest.
    public var rsn: RSN
    /// The node that holds the current copy.
    public var dmaster: PNN
    /// Not used; 0.
    public var reserved: UInt32
    /// What is known about the copy.
    public var flags: RecordFlags

    /// Makes a value.
    public init(rsn: RSN, dmaster: PNN, reserved: UInt32 = 0, flags: RecordFlags = []) {
        self.rsn = rsn
        self.dmaster = dmaster
        self.reserved = reserved
        self.flags = flags
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let rsn = RSN(rawValue: try reader.readUInt64("rsn", of: "RecordHeader"))
        let dmaster = PNN(rawValue: try reader.readUInt32("dmaster", of: "RecordHeader"))
        let reserved = try reader.readUInt32("reserved1", of: "RecordHeader")
        let flags = RecordFlags(rawValue: try reader.readUInt32("flags", of: "RecordHeader"))
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "RecordHeader")
        return Self(rsn: rsn, dmaster: dmaster, reserved: reserved, flags: flags)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(rsn.rawValue)
        writer.write(dmaster.rawValue)
        writer.write(reserved)
        writer.write(flags.rawValue)
        writer.writeZeros(layout.paddingBeforeUInt64)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 20 &+ layout.paddingBeforeUInt64 }
}
