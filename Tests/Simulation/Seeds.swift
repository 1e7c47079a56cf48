// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire

/// Worlds that follow from a number alone.
package enum Seeds {
    /// A world of two to four nodes, whose kind and faults the number chooses.
    package static func small(_ seed: UInt64, isTraced: Bool) -> Run {
        var options = WorldOptions()
        options.isTraced = isTraced
        options.nodeCount = 2 + Int(seed % 3)
        if seed % 7 == 3 { options.bareNodes = [1] }
        if seed % 11 == 5 { options.strangeNodes = [0] }
        if seed % 5 == 2 { options.services = [.cluster, .echo, .client] }
        if seed % 50 == 9 { options.hasUsualTimes = true }
        if seed % 13 == 4, !options.bareNodes.contains(0), !options.strangeNodes.contains(0) {
            options.rivalNodes = [0]
        }
        if seed % 17 == 6 {
            options.isAboutStreams = true
            return World.run(options, seed: seed, sends: 200, faults: 12)
        }
        return World.run(
            options, seed: seed, sends: 20 + Int(seed % 20), faults: Int(seed % 9))
    }

    /// A world of many nodes.
    package static func large(_ nodeCount: Int) -> Run {
        var options = WorldOptions()
        options.nodeCount = nodeCount
        options.services = [.cluster]
        options.hasUsualTimes = nodeCount == 64
        return World.run(
            options, seed: UInt64(nodeCount), sends: 64, faults: 8, milliseconds: 3_000)
    }
}
