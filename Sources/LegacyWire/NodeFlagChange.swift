// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// The flags of a node before and after: the question of MODIFY_FLAGS.
///
/// - Shape: 12 bytes, the new flags before the old ones.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_node_flag_change`, ctdb/protocol/protocol.h, Samba 4.17.
public struct NodeFlagChange: LegacyCoding, Hashable {
    /// The node.
    public var pnn: PNN
    /// Its flags from now on.
    public var newFlags: NodeFlags
    /// Its flags until now.
    public var oldFlags: NodeFlags

    /// Makes a change.
    public init(pnn: PNN, newFlags: NodeFlags, oldFlags: NodeFlags) {
        self.pnn = pnn
        self.newFlags = newFlags
        self.oldFlags = oldFlags
    }

    /// Reads a change.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(
            pnn: PNN(rawValue: try reader.readUInt32("pnn", of: "NodeFlagChange")),
            newFlags: NodeFlags(
                rawValue: try reader.readUInt32("new_flags", of: "NodeFlagChange")),
            oldFlags: NodeFlags(
                rawValue: try reader.readUInt32("old_flags", of: "NodeFlagChange")))
    }

    /// Appends the change.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(pnn.rawValue)
        writer.write(newFlags.rawValue)
        writer.write(oldFlags.rawValue)
    }

    /// Always 12.
    public func byteCount(layout: LegacyLayout) -> Int { 12 }
}
