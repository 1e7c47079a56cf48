// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A process of Samba anywhere in the cluster.
///
/// - Shape: 64 bits, 32 bits, pnn, 64 bits: 24 bytes.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_server_id`, ctdb/protocol/protocol.h, Samba 4.17.
public struct ServerID: LegacyCoding, Hashable {
    /// The process id.
    public var pid: UInt64
    /// A part of the process; 0 for all of it.
    public var task: UInt32
    /// The node.
    public var node: PNN
    /// Tells two processes with the same id apart.
    public var uniqueID: UInt64

    /// Makes a value.
    public init(pid: UInt64, task: UInt32, node: PNN, uniqueID: UInt64) {
        self.pid = pid
        self.task = task
        self.node = node
        self.uniqueID = uniqueID
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let pid = try reader.readUInt64("pid", of: "ServerID")
        let task = try reader.readUInt32("task_id", of: "ServerID")
        let node = PNN(rawValue: try reader.readUInt32("vnn", of: "ServerID"))
        let uniqueID = try reader.readUInt64("unique_id", of: "ServerID")
        return Self(pid: pid, task: task, node: node, uniqueID: uniqueID)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(pid)
        writer.write(task)
        writer.write(node.rawValue)
        writer.write(uniqueID)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 24 }
}
