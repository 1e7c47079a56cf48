// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// The nodes of the cluster as one node sees them: the answer to GET_NODEMAP and GET_NODES_FILE.
///
/// - Shape: a 32-bit count, then 36 bytes for each node: pnn, flags, `SocketAddress`. No padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_node_map_old`, ctdb/include/ctdb_protocol.h;
///   `struct ctdb_node_and_flags`, ctdb/protocol/protocol.h, Samba 4.17.
public struct NodeMap: LegacyCoding, Hashable {
    /// One node.
    public struct Node: Hashable, Sendable {
        /// The size of a node in bytes.
        static let byteCount = 8 + SocketAddress.byteCount

        /// Its number.
        public var pnn: PNN
        /// Its state.
        public var flags: NodeFlags
        /// Its private address.
        public var address: SocketAddress

        /// Makes a node.
        public init(pnn: PNN, flags: NodeFlags, address: SocketAddress) {
            self.pnn = pnn
            self.flags = flags
            self.address = address
        }
    }

    /// The nodes in the order of the nodes file, deleted ones included.
    public var nodes: [Node]

    /// Makes a map.
    public init(nodes: [Node]) { self.nodes = nodes }

    /// Reads a map.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let count = try reader.readCount(
            ofElementsOf: Node.byteCount, "num", of: "NodeMap")
        var nodes: [Node] = []
        nodes.reserveCapacity(count)
        for _ in 0..<count {
            nodes.append(
                Node(
                    pnn: PNN(rawValue: try reader.readUInt32("pnn", of: "NodeMap")),
                    flags: NodeFlags(rawValue: try reader.readUInt32("flags", of: "NodeMap")),
                    address: try SocketAddress.decode(from: &reader, layout: layout)))
        }
        return Self(nodes: nodes)
    }

    /// Appends the map.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCount(nodes.count, "num", of: "NodeMap")
        for node in nodes {
            writer.write(node.pnn.rawValue)
            writer.write(node.flags.rawValue)
            node.address.encode(into: &writer, layout: layout)
        }
    }

    /// The count and the nodes.
    public func byteCount(layout: LegacyLayout) -> Int { 4 &+ nodes.count &* Node.byteCount }
}
