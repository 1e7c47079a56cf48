// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationShell
import Presentation
import Vocabulary

/// `ctdb config diff`: what is not the same on all nodes.
enum ConfigDiffVerb {
    static let verb = Verb.read(
        "diff", "Compare the configuration of all nodes.", options: [ProxyVerbs.directory],
        scope: .everyNode,
        schema: Schema(
            "config.diff",
            facts: [
                Column("compared", .number, "how many things were compared"),
                Column("nodes", .numbers, "the nodes that were compared"),
            ],
            tables: [
                .init(
                    "differences",
                    [
                        Column(
                            "item", .text,
                            "`node` (a line of the nodes file), `cluster lock`, `tunable`, "
                                + "`public address`, `capabilities`, `run state`, `version`"),
                        Column("name", .text, "which of them"),
                        Column("may_differ", .flag, "whether this can be on purpose"),
                        Column("differing", .numbers, "the nodes that are not like most"),
                        Column("values", .objects, "`node` and `value`; none where there is none"),
                    ])
            ]),
        details: "Every node is asked through its ctdbd: nodes file, cluster lock, tunables, "
            + "public addresses, capabilities and run state. The versions of ctdbd and of the "
            + "daemons are asked through the proxies; without a proxy nobody can tell which "
            + "release another node's ctdbd is. The exit code is 1 when something differs that "
            + "should not, and 3 when a node did not answer."
    ) { context, invocation throws(Problem) in
        let nodes = try context.targets(.everyNode)
        var snapshots = NodeSnapshot.ask(
            nodes, through: try context.session(), within: context.rest)
        let software = try Software.ask(
            nodes, context, directory: ProxyVerbs.directory(invocation),
            within: min(context.rest, .seconds(2)))
        for (index, found) in software.enumerated() { add(found, to: &snapshots[index]) }
        let comparison = ClusterComparison(snapshots)
        let reached = snapshots.filter { $0.unreachable == nil }.map(\.node)
        return Report(
            invocation.verb.schema,
            facts: [
                .number(Int64(comparison.itemCount)),
                .list(reached.map { .number($0.rawValue) }),
            ],
            tables: [comparison.differences.map(row)], problems: problems(comparison),
            notes: notes(software))
    }

    private static func add(_ software: Software.OfNode, to snapshot: inout NodeSnapshot) {
        let programs =
            [("ctdbd", software.ctdbd), ("proxy", software.proxy)]
            + software.daemons.map { ("\($0.function) daemon", $0.version) }
        for (name, version) in programs {
            switch version {
            case .known(let text): snapshot.values[.version(name)] = text
            case .unknown(let why): snapshot.unknown[.version(name)] = why
            case .absent: break
            }
        }
    }

    private static func notes(_ software: [Software.OfNode]) -> [String] {
        let unknown = software.filter {
            $0.ctdbd.text == nil && $0.ctdbd != .unknown("disconnected")
        }.map { "\($0.node)" }
        guard !unknown.isEmpty else { return [] }
        return [
            "nobody can tell the release of ctdbd on \(unknown.count == 1 ? "node" : "nodes") "
                + unknown.joined(separator: ", ")
        ]
    }

    private static func row(_ difference: ClusterComparison.Difference) -> Row {
        let values = difference.values.map { node, value in
            let text: Value =
                switch value {
                case .text(let text): .text(text)
                case .absent: .none
                case .unknown(let why): .text("not known: \(why)")
                }
            return Value.object([Field("node", .number(node.rawValue)), Field("value", text)])
        }
        let item = difference.item
        return Row(
            [
                .text(item.kind), item.name.isEmpty ? .none : .text(item.name),
                .flag(item.mayDiffer), .list(difference.nodes.map { .number($0.rawValue) }),
                .list(values),
            ], tone: item.mayDiffer ? .warning : .bad)
    }

    private static func problems(_ comparison: ClusterComparison) -> [Problem] {
        var problems = comparison.unreachable.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            Problem(
                .incomplete, node: $0.key.rawValue, "ask", $0.value,
                advice: "look at its ctdbd and at the network")
        }
        for (node, kind, reason) in comparison.failures {
            problems.append(Problem(.incomplete, node: node.rawValue, "ask for \(kind)", reason))
        }
        let wrong = comparison.differences.count { !$0.item.mayDiffer }
        if wrong > 0 {
            problems.append(
                Problem(
                    .failed, "compare nodes",
                    wrong == 1 ? "one thing differs" : "\(wrong) things differ",
                    advice: "change the files of the nodes that are named, and run there what "
                        + "makes ctdbd read them"))
        }
        return problems
    }
}
