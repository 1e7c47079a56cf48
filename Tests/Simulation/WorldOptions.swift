// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Vocabulary

/// What a world is made of.
package struct WorldOptions: Sendable {
    /// What is broken on purpose, so that the alarm can be heard.
    package enum Sabotage: Sendable {
        case doublesPackets
        case dropsOutcomes
    }

    package var nodeCount = 3
    /// Nodes without a proxy.
    package var bareNodes: Set<Int> = []
    /// Nodes whose proxy speaks another protocol only.
    package var strangeNodes: Set<Int> = []
    /// Nodes on which a second proxy is started: one of the two has to go, exactly one.
    package var rivalNodes: Set<Int> = []
    /// Services on every node that has a proxy.
    package var services: [Service] = [.cluster, .echo]
    /// Nothing is sent but streams, and nothing fails but the paths between nodes, for short times.
    package var isAboutStreams = false
    /// Times as in production instead of short ones.
    package var hasUsualTimes = false
    /// So many bytes go over the connection of two nodes in a second; nil: any number.
    package var bytesPerSecond: UInt64?
    package var sabotage: Sabotage?
    /// Keeps a readable account of everything.
    package var isTraced = false

    package init() {}
}

/// Why a world is not as it has to be.
package struct Violation: Error, CustomStringConvertible {
    package var description: String
}
