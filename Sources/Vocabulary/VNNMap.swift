// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The nodes that serve the databases: a generation and an ordered list of nodes.
///
/// - Source: `struct ctdb_vnn_map`, `ctdb/protocol/protocol.h`, Samba 4.17.
public struct VNNMap: Hashable, Sendable {
    /// The instance of the cluster that the list belongs to.
    public var generation: Generation
    /// The nodes; a virtual node number is an index into it.
    public var nodes: [PNN]

    /// Makes a map.
    public init(generation: Generation, nodes: [PNN]) {
        self.generation = generation
        self.nodes = nodes
    }

    /// The location master of a key, from the key's hash; nil when the map is empty.
    ///
    /// - Source: `ctdb_lmaster`, `ctdb/common/ctdb_ltdb.c`, Samba 4.17.
    public func lmaster(ofHash hash: UInt32) -> PNN? {
        guard !nodes.isEmpty else { return nil }
        return nodes[Int(hash) % nodes.count]
    }
}
