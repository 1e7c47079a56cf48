// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// The cluster as somebody sees it who is about to change stages.
public struct StageView: Hashable, Sendable {
    /// What a daemon said when it was asked.
    public enum DaemonAnswer: Hashable, Sendable {
        /// How it stands with its function.
        case status(StageStatus)
        /// Nothing, for it does not run, and how that is known.
        case missing(String)
        /// Nothing that has been heard, and why: it may run or not.
        case unheard(String)
    }

    /// A node.
    public struct Node: Hashable, Sendable {
        /// Its number.
        public var pnn: PNN
        /// Its flags, as ctdbd says.
        public var flags: NodeFlags
        /// What the daemons of the functions that were asked for said.
        public var daemons: [ClusterFunction: DaemonAnswer]

        /// Describes a node.
        public init(
            pnn: PNN, flags: NodeFlags, daemons: [ClusterFunction: DaemonAnswer] = [:]
        ) {
            self.pnn = pnn
            self.flags = flags
            self.daemons = daemons
        }

        /// What a function's daemon said; nil when it did not, or was not asked.
        public func status(of function: ClusterFunction) -> StageStatus? {
            guard case .status(let status)? = daemons[function] else { return nil }
            return status
        }
    }

    /// The nodes that are not deleted, by number.
    public var nodes: [Node]

    /// Describes a cluster.
    public init(nodes: [Node]) {
        self.nodes = nodes.filter { $0.flags.isDisjoint(with: .deleted) }
            .sorted { $0.pnn < $1.pnn }
    }

    /// A node by its number.
    public func node(_ pnn: PNN) -> Node? { nodes.first { $0.pnn == pnn } }
}

extension Stage {
    /// What really happens on a node, and why that is not what is recorded.
    ///
    /// - Parameters:
    ///   - recorded: what was decided.
    ///   - answer: what the daemon said; nil when it was not asked.
    /// - Returns: the stage in effect, nil when nobody can say, and the reason where the two
    ///   differ. Where no daemon runs nobody holds ctdbd off, so that ctdbd does the function.
    public static func inEffect(
        recorded: Stage, _ answer: StageView.DaemonAnswer?
    ) -> (stage: Stage?, why: String) {
        switch answer {
        case .status(let status):
            if status.inEffect == recorded { return (recorded, status.detail) }
            let why = status.detail.isEmpty ? "the daemon has not read it yet" : status.detail
            return (status.inEffect, why)
        case .missing(let why): return (.legacy, recorded == .legacy ? "" : why)
        case .unheard(let why): return (recorded == .legacy ? .legacy : nil, why)
        case nil: return (recorded, "")
        }
    }
}
