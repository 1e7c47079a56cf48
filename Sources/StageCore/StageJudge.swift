// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// Looks whether the conditions of a verb are met.
struct StageJudge {
    let rules: StageRules
    let table: StageTable
    let view: StageView
    let now: UInt64
    var refusals: [StagePlan.Refusal] = []
    var warnings: [String] = []

    init(rules: StageRules, table: StageTable, view: StageView, now: UInt64) {
        self.rules = rules
        self.table = table
        self.view = view
        self.now = now
    }

    private mutating func refuse(_ node: PNN?, _ reason: String, _ remedy: String = "") {
        refusals.append(.init(node: node, reason: reason, remedy: remedy))
    }

    /// Looks at one node.
    mutating func judge(_ verb: StageVerb, _ function: ClusterFunction, on node: PNN) {
        let stage = table.stage(of: function, on: node)
        switch verb {
        case .prepare:
            guard isThere(node) else { return }
            _ = answering(function, node)
        case .verify:
            guard isThere(node), let status = answering(function, node) else { return }
            isFit(status, stage, node)
            if stage == .shadow { hasCompared(status, node) }
        case .switch:
            guard isThere(node, healthy: true), let status = answering(function, node) else {
                return
            }
            isFit(status, stage, node)
            hasCompared(status, node)
            if !status.legacyReady {
                refuse(node, "ctdbd could not take \(function) back", "look at the daemon's log")
            }
            isVerified(function, status, node)
            needsAreMet(function, .native, node)
        case .complete:
            guard isThere(node, healthy: true), let status = answering(function, node) else {
                return
            }
            isFit(status, stage, node)
            isVerified(function, status, node)
            needsAreMet(function, .finalised, node)
        case .reverse, .cancel: warn(verb, function, node)
        }
    }

    /// Looks at the daemons of nodes that depend on each other.
    mutating func judgeTogether(
        _ verb: StageVerb, _ function: ClusterFunction, _ nodes: [PNN]
    ) {
        guard !verb.isRetreat else { return }
        let others: [PNN]
        if function.isSharedByNodes {
            let connected = view.nodes.filter { $0.flags.isConnected }.map(\.pnn)
            others = connected.filter { !nodes.contains($0) }
            // Each connected node's daemon must be there before one of them acts.
            if verb != .prepare, function.needsAllNodes {
                for node in others {
                    if table.stage(of: function, on: node) == .legacy {
                        refuse(
                            node, "\(function) is legacy here, and all nodes must take part",
                            "ctdb stage prepare \(function) --node \(node)")
                    } else {
                        _ = answering(function, node)
                    }
                }
            }
        } else {
            others = []
        }
        fitTogether(function, nodes + others)
    }

    /// Whether versions and features of the daemons fit together.
    private mutating func fitTogether(_ function: ClusterFunction, _ nodes: [PNN]) {
        let all = nodes.compactMap { node in
            view.node(node)?.status(of: function).map { (node: node, status: $0) }
        }
        guard function.isSharedByNodes else { return }
        for one in all {
            for other in all where other.node != one.node {
                if one.status.versionMinimum > other.status.versionMaximum {
                    refuse(
                        other.node,
                        "\(other.status.software) is too old for node \(one.node): version "
                            + "\(one.status.versionMinimum) is needed",
                        "update \(function.program) on node \(other.node)")
                }
                let lacking = one.status.featuresNeeded & ~other.status.features
                if lacking != 0 {
                    refuse(
                        other.node,
                        "\(other.status.software) lacks what node \(one.node) needs: feature bits "
                            + "0x" + String(lacking, radix: 16),
                        "update \(function.program) on node \(other.node)")
                }
            }
        }
    }

    private mutating func isThere(_ pnn: PNN, healthy: Bool = false) -> Bool {
        guard let node = view.node(pnn) else {
            refuse(pnn, "ctdbd knows no such node")
            return false
        }
        let bad: NodeFlags = healthy ? [.inactive, .unhealthy] : .inactive
        guard node.flags.isDisjoint(with: bad) else {
            let words = Self.words(node.flags.intersection(bad))
            refuse(pnn, "the node is \(words)", "mend the node first, or leave it out")
            return false
        }
        return true
    }

    private static func words(_ flags: NodeFlags) -> String {
        let names: [(NodeFlags, String)] = [
            (.disconnected, "disconnected"), (.unhealthy, "unhealthy"), (.banned, "banned"),
            (.stopped, "stopped"), (.deleted, "deleted"),
        ]
        return names.filter { flags.contains($0.0) }.map(\.1).joined(separator: ", ")
    }

    private mutating func answering(_ function: ClusterFunction, _ pnn: PNN) -> StageStatus? {
        switch view.node(pnn)?.daemons[function] {
        case .status(let status): return status
        case .missing(let why)?:
            refuse(
                pnn, "\(function.program) does not answer: \(why)",
                "systemctl start \(function.program)")
        case .unheard(let why)?:
            refuse(pnn, "\(function.program) is not heard: \(why)", "ctdb proxy peers")
        case nil: refuse(pnn, "\(function.program) was not asked")
        }
        return nil
    }

    private mutating func isFit(_ status: StageStatus, _ stage: Stage, _ node: PNN) {
        if status.inEffect != stage {
            refuse(
                node, "\(stage) is recorded, and \(status.inEffect) is in effect: \(status.detail)")
        }
        if status.fitness == .unfit {
            refuse(node, "the daemon says that it is not fit: \(status.unfitReason)")
        }
    }

    private mutating func hasCompared(_ status: StageStatus, _ node: PNN) {
        guard status.compared >= UInt64(clamping: rules.minimumComparisons) else {
            return refuse(
                node,
                "only \(status.compared) decisions were compared, and \(rules.minimumComparisons) "
                    + "are wanted", "wait, or cause some")
        }
        let (allowed, isLarge) = status.compared.multipliedReportingOverflow(
            by: UInt64(clamping: rules.differencesPerMille))
        let (found, isMore) = status.different.multipliedReportingOverflow(by: 1000)
        if isMore || !isLarge && found > allowed {
            refuse(
                node, "\(status.different) of \(status.compared) decisions differed",
                "ctdb stage report \(status.function) --node \(node)")
        }
    }

    private mutating func isVerified(
        _ function: ClusterFunction, _ status: StageStatus, _ node: PNN
    ) {
        let entry = table.entry(function, on: node)
        let remedy = "ctdb stage verify \(function) --node \(node)"
        guard let entry, entry.verified > 0 else {
            return refuse(node, "\(function) was not verified since its last change", remedy)
        }
        if !rules.isYoungEnough(verified: entry.verified, now: now) {
            let minutes = now > entry.verified ? (now - entry.verified) / 60_000 : 0
            refuse(node, "the verification is stale: \(minutes) minutes old", remedy)
        }
        if entry.verifiedSoftware != status.software {
            refuse(
                node,
                "\(entry.verifiedSoftware) was verified, and \(status.software) runs now", remedy)
        }
    }

    private mutating func needsAreMet(
        _ function: ClusterFunction, _ stage: Stage, _ node: PNN
    ) {
        for need in Dependencies.unmet(of: function, in: stage, on: node, in: table) {
            refuse(
                node,
                "\(function) cannot be \(stage) while \(need.function) is "
                    + "\(table.stage(of: need.function, on: node)): it must be \(need.stage)")
        }
    }

    private mutating func warn(_ verb: StageVerb, _ function: ClusterFunction, _ pnn: PNN) {
        guard let node = view.node(pnn), node.flags.isConnected else {
            warnings.append(
                "node \(pnn) is not connected: it learns of it when it is back; until then its "
                    + "daemon goes on")
            return
        }
        if case .missing(let why)? = node.daemons[function],
            table.stage(of: function, on: pnn).isTakenOver
        {
            warnings.append(
                "\(function.program) on node \(pnn) does not answer (\(why)): ctdbd resumes by "
                    + "itself")
        }
    }
}
