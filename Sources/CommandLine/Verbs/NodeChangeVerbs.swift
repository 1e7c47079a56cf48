// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// The verbs of `ctdb node` that change something.
enum NodeChangeVerbs {
    static let all: [Verb] = [
        change("disable", "Take public addresses away from nodes.", .disable),
        change("enable", "Let nodes have public addresses again.", .enable),
        change("stop", "Take nodes out of the cluster.", .stop),
        change("continue", "Let stopped nodes take part again.", .resume),
        ban, change("unban", "Let banned nodes take part again.", .unban),
        shutdown, reload, role,
    ]

    private static let nodes = Parameter(
        "nodes", .nodes, "numbers separated by commas, or all; the local node if not given",
        isOptional: true)

    /// The nodes that are meant, by the argument or by `--node`.
    static func meant(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> [NodeMap.Node] {
        switch invocation.all("nodes").first {
        case .nodes(.all): try context.nodes()
        case .nodes(.these(let nodes)): try context.these(nodes)
        default: try context.targets(.local)
        }
    }

    /// Does something to each of several nodes; a failure does not keep it from the others.
    private static func each(
        _ context: Context, _ invocation: Invocation, _ what: String,
        _ nodes: [NodeMap.Node],
        _ work: (Administrator) throws(AdministrationFailure) -> Void
    ) -> Report {
        var done: [PNN] = []
        var problems: [Problem] = []
        var notes: [String] = []
        for node in nodes {
            do throws(Problem) {
                // Not every control has an answer: a link that is down would swallow it.
                guard node.flags.isConnected else { throw Context.disconnected(node.pnn, what) }
                notes += try context.administer(what, node: node.pnn, work).notes
                done.append(node.pnn)
            } catch {
                problems.append(error)
            }
        }
        return Runner.done(
            invocation, isDone: problems.isEmpty, nodes: done, problems: problems, notes: notes)
    }

    private static func change(
        _ name: String, _ summary: String, _ change: NodeChange
    ) -> Verb {
        .change(
            name, summary, [nodes],
            details: "Waits until it is so, and until public addresses are distributed anew."
        ) { context, invocation throws(Problem) in
            each(context, invocation, "\(name) node", try meant(context, invocation)) {
                administrator throws(AdministrationFailure) in try administrator.change(change)
            }
        }
    }

    private static let ban = Verb.change(
        "ban", "Keep nodes out of the cluster for a time.",
        [Parameter("seconds", .number(1...4_294_967_295), "for how long"), nodes],
        details: "Waits until it is so, and until public addresses are distributed anew."
    ) { context, invocation throws(Problem) in
        let seconds = UInt32(clamping: try invocation.number("seconds"))
        return each(context, invocation, "ban node", try meant(context, invocation)) {
            administrator throws(AdministrationFailure) in
            try administrator.change(.ban(seconds: seconds))
        }
    }

    private static let shutdown = Verb.change(
        "shutdown", "End the ctdbd of nodes.", [nodes]
    ) { context, invocation throws(Problem) in
        // The local ctdbd goes last, since the others are told through it.
        let own = try context.session().pnn
        let wanted = try meant(context, invocation)
        let nodes = wanted.filter { $0.pnn != own } + wanted.filter { $0.pnn == own }
        return each(context, invocation, "shut down", nodes) {
            administrator throws(AdministrationFailure) in try administrator.shutDown()
        }
    }

    private static let reload = Verb.change(
        "reload", "Have every node read its nodes file again.", scope: .none,
        details: "The nodes file must be the same on every node that is connected. Deleted nodes "
            + "stay in it, commented out, and their ctdbd must not run any more."
    ) { context, invocation throws(Problem) in
        let file = try context.ask(.nodesFile, "read the nodes file")
        let changes = try context.administer("reload nodes") {
            administrator throws(AdministrationFailure) in
            try administrator.nodesFileChanges(with: file)
        }.answer
        let faults = changes.filter(\.isFault)
        guard faults.isEmpty else {
            throw Problem(
                .failed, "reload nodes", faults.map(text).joined(separator: "; "),
                advice: "correct the nodes file on every node")
        }
        guard changes.contains(where: \.isReason) else {
            return Runner.done(
                invocation, isDone: false, nodes: [], notes: ["the nodes file changes nothing"])
        }
        let outcome = try context.administer("reload nodes") {
            administrator throws(AdministrationFailure) in try administrator.reloadNodes()
        }
        let problems = outcome.answer.failed.map {
            Problem(
                .failed, node: $0.rawValue, "reload nodes", "the node refused, or did not answer")
        }
        return Runner.done(
            invocation, nodes: outcome.answer.done, problems: problems,
            notes: changes.map(text) + outcome.notes)
    }

    private static func text(_ change: NodesFileChange) -> String {
        switch change {
        case .missing(let node, let address):
            "node \(node) (\(address.text)) is missing: comment it out to delete it"
        case .moved(let node, let old, let new):
            "node \(node) has moved from \(old.text) to \(new.text), which a running node cannot"
        case .disconnected(let node): "node \(node) is disconnected and is not told"
        case .deleted(let node, let isConnected):
            isConnected
                ? "node \(node) is deleted, and its ctdbd still runs" : "node \(node) is deleted"
        case .undeleted(let node): "node \(node) is in the file again"
        case .added(let node): "node \(node) is new"
        }
    }

    private static let role = Verb.control(
        "role", "Say what a node may become, until its ctdbd ends.",
        [
            Parameter("role", .choice(["leader", "lmaster"]), "leader or lmaster"),
            Parameter("state", .choice(["on", "off"]), "on or off"),
        ]
    ) { _, invocation throws(Problem) in
        let isOn = try invocation.text("state") == "on"
        return PlannedControl(
            try invocation.text("role") == "leader" ? .setLeaderRole(isOn) : .setLmasterRole(isOn))
    }
}
