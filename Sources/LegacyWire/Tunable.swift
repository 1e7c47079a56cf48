// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A tunable and its value: the question of SET_TUNABLE.
///
/// - Shape: the value, a 32-bit count, then so many bytes: the name and its NUL. No padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`
///   for a name that is not UTF-8, or when written for one with a NUL inside.
/// - Source: `struct ctdb_tunable_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct Tunable: LegacyCoding, Hashable {
    /// What it is set to.
    public var value: UInt32
    /// Its name, for example "MonitorInterval"; ctdbd ignores the case.
    public var name: String

    /// Makes a tunable.
    public init(value: UInt32, name: String) {
        self.value = value
        self.name = name
    }

    /// Reads a tunable.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(
            value: try reader.readUInt32("value", of: "Tunable"),
            name: try reader.readCountedString("name", of: "Tunable"))
    }

    /// Appends the tunable.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(value)
        try writer.writeCounted(name, "name", of: "Tunable")
    }

    /// The value, the count, the name and its NUL.
    public func byteCount(layout: LegacyLayout) -> Int { 9 &+ name.utf8.count }
}
