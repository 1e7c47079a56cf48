// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The names of a daemon's tunables: the answer to LIST_TUNABLES.
///
/// ctdbd 4.17 puts a ":" in front of the first name, because it leaves out the obsolete one before.
///
/// - Shape: a 32-bit count, then so many bytes: the names with ":" between them, and a NUL. No
///   text is a count of 0.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`
///   for a text that is not UTF-8, or when written for one with a NUL inside.
/// - Source: `struct ctdb_control_list_tunable`, ctdb/include/ctdb_protocol.h;
///   ctdb/common/tunable.c, Samba 4.17.
public struct TunableNames: LegacyCoding, Hashable {
    /// The text as it stands on the wire, without its NUL.
    public var text: String

    /// Makes a list from its text.
    public init(text: String) { self.text = text }

    /// Makes a list from names without a ":".
    public init(names: [String]) { text = names.joined(separator: ":") }

    /// The names in the daemon's order.
    public var names: [String] {
        // By bytes: a combining character behind a colon must not hide it.
        text.utf8.split(separator: UInt8(ascii: ":")).map { String($0) ?? "" }
    }

    /// Reads a list.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(text: try reader.readCountedString("data", of: "TunableNames"))
    }

    /// Appends the list.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(text.isEmpty ? nil : text, "data", of: "TunableNames")
    }

    /// The count, the text and its NUL.
    public func byteCount(layout: LegacyLayout) -> Int {
        text.isEmpty ? 4 : 5 &+ text.utf8.count
    }
}
