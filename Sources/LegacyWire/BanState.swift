// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// How long a node is banned: the question of SET_BAN_STATE and the answer to GET_BAN_STATE.
///
/// - Shape: pnn, seconds: 8 bytes.
/// - Units: seconds.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_ban_state`, ctdb/protocol/protocol.h, Samba 4.17.
public struct BanState: LegacyCoding, Hashable {
    /// The node.
    public var pnn: PNN
    /// For how long; 0 ends a ban, and as an answer says that there is none.
    public var seconds: UInt32

    /// Makes a value.
    public init(pnn: PNN, seconds: UInt32) {
        self.pnn = pnn
        self.seconds = seconds
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let pnn = PNN(rawValue: try reader.readUInt32("pnn", of: "BanState"))
        let seconds = try reader.readUInt32("time", of: "BanState")
        return Self(pnn: pnn, seconds: seconds)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(pnn.rawValue)
        writer.write(seconds)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 8 }
}
