// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// Which nodes are meant.
public enum NodeSelection: Hashable, Sendable {
    /// All of them where the verb leads anywhere.
    case all
    /// These, and the verb must be possible on each.
    case nodes([PNN])
    /// So many of a hundred, rounded up; always the same ones.
    case percent(Int)

    /// The nodes that a percentage of a cluster stands for.
    ///
    /// Each function has an order of its own in which nodes come first; a larger percentage has all
    /// nodes of a smaller one, and a node that is added or removed moves no other one.
    ///
    /// - Parameters:
    ///   - percent: from 0 to 100.
    ///   - nodes: all nodes of the cluster.
    ///   - function: whose order is meant.
    /// - Returns: the nodes, by number.
    public static func canaries(
        _ percent: Int, of nodes: [PNN], for function: ClusterFunction
    ) -> [PNN] {
        let share = min(max(percent, 0), 100)
        let count = (nodes.count * share + 99) / 100
        let order = nodes.sorted {
            (rank($0, function), $0) < (rank($1, function), $1)
        }
        return order.prefix(count).sorted()
    }

    /// A number that looks random and is always the same.
    private static func rank(_ node: PNN, _ function: ClusterFunction) -> UInt64 {
        // The finaliser of SplitMix64.
        var mixed = UInt64(UInt32(bitPattern: function.rawValue)) << 32 | UInt64(node.rawValue)
        mixed &+= 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
