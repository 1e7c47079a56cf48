// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// The question of SET_RECMASTER and the data of some messages.
///
/// - Shape: 32 bits.
/// - Errors: `.truncated`.
/// - Source: `ctdb_uint32_push`, ctdb/protocol/protocol_basic.c, Samba 4.17.
extension PNN: LegacyCoding {
    /// Reads a number.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(rawValue: try reader.readUInt32("pnn", of: "PNN"))
    }

    /// Appends the number.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(rawValue)
    }

    /// Always 4.
    public func byteCount(layout: LegacyLayout) -> Int { 4 }
}
