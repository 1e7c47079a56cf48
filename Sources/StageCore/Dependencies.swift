// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// Which functions cannot be in a stage on a node unless others are far enough there.
///
/// | function, from stage | needs |
/// |---|---|
/// | service, native | event native: services are started and watched by events |
/// | ip, finalised | event native: who moves addresses runs the events that belong to it |
/// | cluster, finalised | ip native: no leader of ctdbd's is left that deals out addresses |
/// | database, native | cluster native: membership decides who holds records |
/// | database, finalised | all others finalised: nothing of ctdbd is left |
public enum Dependencies {
    /// One condition.
    public struct Need: Hashable, Sendable {
        /// Which other function.
        public var function: ClusterFunction
        /// How far it must have moved.
        public var stage: Stage
    }

    /// What a function needs on its node to be in a stage.
    public static func needs(of function: ClusterFunction, in stage: Stage) -> [Need] {
        switch (function, stage) {
        case (.service, .native), (.service, .finalised), (.ip, .finalised):
            [Need(function: .event, stage: .native)]
        case (.cluster, .finalised): [Need(function: .ip, stage: .native)]
        case (.database, .native): [Need(function: .cluster, stage: .native)]
        case (.database, .finalised):
            [.event, .ip, .service, .cluster].map { Need(function: $0, stage: .finalised) }
        default: []
        }
    }

    /// The needs that are not met on a node.
    public static func unmet(
        of function: ClusterFunction, in stage: Stage, on node: PNN, in table: StageTable
    ) -> [Need] {
        needs(of: function, in: stage).filter { need in
            table.stage(of: need.function, on: node) < need.stage
        }
    }

    /// The moves of other functions on a node that follow when one goes back to a stage.
    static func retreats(
        after function: ClusterFunction, to stage: Stage, on node: PNN, in table: StageTable
    ) -> [StageTable.Move] {
        var stages: [ClusterFunction: Stage] = [:]
        for other in ClusterFunction.all { stages[other] = table.stage(of: other, on: node) }
        stages[function] = stage
        // What goes back may take others along; each step lowers a stage, so this ends.
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for other in ClusterFunction.all {
                guard let present = stages[other], present.isTakenOver else { continue }
                let isMet = needs(of: other, in: present).allSatisfy {
                    (stages[$0.function] ?? .legacy) >= $0.stage
                }
                guard !isMet, let lower = present.step(towards: .shadow) else { continue }
                stages[other] = lower
                hasChanged = true
            }
        }
        return ClusterFunction.all.compactMap { other in
            let before = table.stage(of: other, on: node)
            guard other != function, let after = stages[other], after != before else { return nil }
            return StageTable.Move(function: other, node: node, from: before, to: after)
        }
    }
}
