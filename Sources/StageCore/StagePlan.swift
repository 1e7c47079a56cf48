// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// What a verb would do, step by step, or why it may not.
public struct StagePlan: Hashable, Sendable {
    /// A condition that is not met.
    public struct Refusal: Hashable, Sendable {
        /// The node that it is about; nil for the cluster.
        public var node: PNN?
        /// What is wrong.
        public var reason: String
        /// What to do about it; empty when there is nothing to say.
        public var remedy: String
    }

    /// Something that is done.
    public struct Step: Hashable, Sendable {
        /// The node where; nil for the cluster.
        public var node: PNN?
        /// What.
        public var text: String
    }

    /// What is to be recorded; nil when that is nothing, as every node is there already.
    public var change: StageChange?
    /// What it moves.
    public var moves: [StageTable.Move]
    /// What happens, in this order.
    public var steps: [Step]
    /// Why it may not be; empty when it may.
    public var refusals: [Refusal]
    /// What is worth knowing beforehand.
    public var warnings: [String]
}

/// Plans changes of stages: which nodes, whether all conditions are met, and what happens.
///
/// | verb | the node | its daemon | besides |
/// |---|---|---|---|
/// | prepare | connected | answers | daemons of nodes that depend on each other fit together |
/// | verify | connected | fit, where it should be, compared enough, differs little | the same |
/// | switch | healthy | as for verify, and ctdbd could resume | verified not long ago; needs |
/// | complete | healthy | fit and native | verified while native; needs |
/// | reverse, cancel | any | any | functions that need this one go back with it |
public struct StagePlanner: Sendable {
    /// Who plans.
    public struct Author: Hashable, Sendable {
        /// A user, or a program.
        public var who: String
        /// The node where.
        public var node: PNN
        /// Why; empty when nobody said.
        public var reason: String

        /// Describes somebody.
        public init(who: String, node: PNN, reason: String = "") {
            self.who = who
            self.node = node
            self.reason = reason
        }
    }

    private let rules: StageRules
    private let table: StageTable
    private let view: StageView
    private let now: UInt64

    /// Makes a planner.
    ///
    /// - Parameters:
    ///   - rules: what must be the case.
    ///   - table: what is recorded.
    ///   - view: what the nodes and daemons say.
    ///   - now: in milliseconds since 1970.
    public init(rules: StageRules, table: StageTable, view: StageView, now: UInt64) {
        self.rules = rules
        self.table = table
        self.view = view
        self.now = now
    }

    /// Plans a verb.
    public func plan(
        _ verb: StageVerb, _ function: ClusterFunction, on selection: NodeSelection,
        by author: Author
    ) -> StagePlan {
        var plan = StagePlan(change: nil, moves: [], steps: [], refusals: [], warnings: [])
        let nodes = targets(of: verb, function, selection, &plan)
        guard plan.refusals.isEmpty else { return plan }
        guard !nodes.isEmpty else { return plan }
        var judge = StageJudge(rules: rules, table: table, view: view, now: now)
        for node in nodes { judge.judge(verb, function, on: node) }
        judge.judgeTogether(verb, function, nodes)
        plan.refusals = judge.refusals
        plan.warnings = judge.warnings
        var change = StageChange(
            verb, function, on: nodes, basis: .table(epoch: table.epoch), who: author.who,
            origin: author.node, reason: author.reason, time: now)
        if verb == .verify {
            for node in nodes {
                change.verifiedSoftware[node] =
                    view.node(node)?.status(of: function)?.software ?? ""
            }
        }
        do throws(StageConflict) {
            plan.moves = try table.moves(of: change)
        } catch {
            plan.refusals.append(.init(node: nil, reason: "\(error)", remedy: ""))
            return plan
        }
        plan.change = change
        plan.steps = StageSteps.of(change, plan.moves, table)
        return plan
    }

    /// The nodes that a selection means for a verb.
    private func targets(
        of verb: StageVerb, _ function: ClusterFunction, _ selection: NodeSelection,
        _ plan: inout StagePlan
    ) -> [PNN] {
        let all = view.nodes.map(\.pnn)
        let chosen: [PNN]
        switch selection {
        case .nodes(let named):
            for node in Set(named).sorted() {
                let isKnown = all.contains(node) || table.entry(function, on: node) != nil
                let stage = table.stage(of: function, on: node)
                if !isKnown {
                    plan.refusals.append(
                        .init(node: node, reason: "there is no such node", remedy: ""))
                } else if verb.target(from: stage) == nil {
                    plan.refusals.append(illegal(verb, function, node, stage))
                }
            }
            return Set(named).sorted()
        case .all: chosen = all
        case .percent(let percent):
            chosen = NodeSelection.canaries(percent, of: all, for: function)
        }
        let possible = chosen.filter {
            verb.target(from: table.stage(of: function, on: $0)) != nil
        }
        // Those that are there already need nothing; the others are further away than one step.
        let goals = Set(verb.transitions.map(\.to))
        for node in chosen where !possible.contains(node) {
            let stage = table.stage(of: function, on: node)
            if verb.isRetreat || verb == .verify || goals.contains(stage) { continue }
            if goals.contains(where: { $0 < stage }) { continue }
            plan.refusals.append(illegal(verb, function, node, stage))
        }
        return possible
    }

    private func illegal(
        _ verb: StageVerb, _ function: ClusterFunction, _ node: PNN, _ stage: Stage
    ) -> StagePlan.Refusal {
        let possible = StageVerb.allCases.filter { $0.target(from: stage) != nil }
        return .init(
            node: node,
            reason: "\(function) is \(stage): \(verb.rawValue) leads nowhere from there",
            remedy: "possible: " + possible.map(\.rawValue).joined(separator: ", "))
    }
}
