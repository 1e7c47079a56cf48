// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The names of a daemon's tunables: the answer to LIST_TUNABLES.
///
/// - Shape: a 32-bit count, then so many bytes: the names with ":" between them, and a NUL. No
///   name is a count of 0.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`
///   for names that are not UTF-8, or when written for one that is empty or has a ":" or a NUL.
/// - Source: `struct ctdb_control_list_tunable`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct TunableNames: LegacyCoding, Hashable {
    /// The names in the daemon's order.
    public var names: [String]

    /// Makes a list.
    public init(names: [String]) { self.names = names }

    /// Reads a list; empty names are passed over.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let text = try reader.readCountedString("data", of: "TunableNames")
        // By bytes: a combining character behind a colon must not hide it.
        return Self(names: text.utf8.split(separator: UInt8(ascii: ":")).map { String($0) ?? "" })
    }

    /// Appends the list.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        for name in names where name.isEmpty || name.utf8.contains(UInt8(ascii: ":")) {
            throw WireError(
                code: .badString, type: "TunableNames", field: "data", offset: writer.count)
        }
        try writer.writeCounted(
            names.isEmpty ? nil : names.joined(separator: ":"), "data", of: "TunableNames")
    }

    /// The count, and each name with what follows it.
    public func byteCount(layout: LegacyLayout) -> Int {
        names.reduce(4) { $0 &+ $1.utf8.count &+ 1 }
    }
}
