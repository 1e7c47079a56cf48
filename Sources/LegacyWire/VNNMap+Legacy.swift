// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// The answer to GETVNNMAP and the question of SETVNNMAP.
///
/// - Shape: generation, a 32-bit count, then 4 bytes for each node.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_vnn_map_wire`, ctdb/include/ctdb_protocol.h, Samba 4.17.
extension VNNMap: LegacyCoding {
    /// Reads a map.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let generation = Generation(rawValue: try reader.readUInt32("generation", of: "VNNMap"))
        let count = try reader.readCount(ofElementsOf: 4, "size", of: "VNNMap")
        var nodes: [PNN] = []
        nodes.reserveCapacity(count)
        for _ in 0..<count {
            nodes.append(PNN(rawValue: try reader.readUInt32("map", of: "VNNMap")))
        }
        return Self(generation: generation, nodes: nodes)
    }

    /// Appends the map.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(generation.rawValue)
        try writer.writeCount(nodes.count, "size", of: "VNNMap")
        for node in nodes { writer.write(node.rawValue) }
    }

    /// The generation, the count and the nodes.
    public func byteCount(layout: LegacyLayout) -> Int { 8 &+ nodes.count &* 4 }
}
