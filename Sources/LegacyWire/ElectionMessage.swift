// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A candidate in the election of a leader: the data of a message to `SrvID.election`.
///
/// More connected nodes win, then the earlier time, then the lower number; a node that is banned or
/// stopped does not take part.
///
/// - Shape: count, padding in `.bits64`, `Timeval`, pnn, flags: 32 bytes, in `.bits32` 20.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_election_message`, ctdb/protocol/protocol.h, Samba 4.17.
public struct ElectionMessage: LegacyCoding, Hashable {
    /// The number of nodes that the candidate is connected to.
    public var connectedCount: UInt32
    /// When the candidate's recovery daemon started.
    public var priorityTime: Timeval
    /// The candidate.
    public var pnn: PNN
    /// The candidate's flags.
    public var nodeFlags: NodeFlags

    /// Makes a value.
    public init(connectedCount: UInt32, priorityTime: Timeval, pnn: PNN, nodeFlags: NodeFlags) {
        self.connectedCount = connectedCount
        self.priorityTime = priorityTime
        self.pnn = pnn
        self.nodeFlags = nodeFlags
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let connectedCount = try reader.readUInt32("num_connected", of: "ElectionMessage")
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "ElectionMessage")
        let priorityTime = try Timeval.decode(from: &reader, layout: layout)
        let pnn = PNN(rawValue: try reader.readUInt32("pnn", of: "ElectionMessage"))
        let nodeFlags =
            NodeFlags(rawValue: try reader.readUInt32("node_flags", of: "ElectionMessage"))
        return Self(
            connectedCount: connectedCount, priorityTime: priorityTime, pnn: pnn,
            nodeFlags:
                nodeFlags)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(connectedCount)
        writer.writeZeros(layout.paddingBeforeUInt64)
        priorityTime.encode(into: &writer, layout: layout)
        writer.write(pnn.rawValue)
        writer.write(nodeFlags.rawValue)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        12 &+ layout.paddingBeforeUInt64 &+ priorityTime.byteCount(layout: layout)
    }
}
