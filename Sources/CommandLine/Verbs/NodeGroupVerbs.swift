// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationFormat
import LegacyClient
import LegacyWire
import Presentation
import Sockets
import Vocabulary

/// `ctdb ip natgw` and `ctdb ip lvs`: nodes that share one address for all of them.
enum NodeGroupVerbs {
    /// Which of the two it is about.
    private struct Kind: Sendable {
        /// The variable that names the file of the nodes.
        var variable: String
        /// The file when nobody says anything, in ctdb's folder.
        var usualFile: String
        /// The event script whose options count.
        var script: String
        var title: String
    }

    private static let columns = [
        Column("node", .number, "the node's number; none if the cluster has no such node"),
        Column("address", .text, "its private address, as the file has it"),
        Column("leader", .flag, "whether it is the one"),
        Column("follower_only", .flag, "whether the file keeps it from that"),
        Column("flags", .words, "what keeps it from its work, or `ok`"),
    ]

    static let gateway = Noun(
        "natgw", "The NAT gateway, by which nodes without a public address reach others.",
        [
            status(
                Kind(
                    variable: "CTDB_NATGW_NODES", usualFile: "natgw_nodes", script: "11.natgw",
                    title: "NAT gateway"),
                "Show which node is the NAT gateway, and which nodes use it.", []
            ) { group, map in (group.gateway(in: map), nil) }
        ])

    static let balancer = Noun(
        "lvs", "The load balancer, which spreads the clients of one address over nodes.",
        [
            status(
                Kind(
                    variable: "CTDB_LVS_NODES", usualFile: "lvs_nodes", script: "91.lvs",
                    title: "load balancer"),
                "Show which node balances the load, and between which nodes.",
                [Column("used", .flag, "whether it gets clients now")]
            ) { group, map in (group.balancer(in: map), group.balanced(in: map)) }
        ])

    private static func status(
        _ kind: Kind, _ summary: String, _ more: [Column],
        _ choose: @escaping @Sendable (NodeGroup, NodeMap) -> (leader: PNN?, used: [PNN]?)
    ) -> Verb {
        Verb.read(
            "status", summary, options: [ConfigVerbs.directory], scope: .none,
            schema: Schema(
                "ip.\(kind.usualFile.prefix { $0 != "_" }).status",
                facts: [Column("leader", .number, "the node; none if no node can be it")],
                tables: [Schema.Table("nodes", columns + more)]),
            details: "The nodes are those of the file that \(kind.variable) in script.options, or "
                + "in the options of \(kind.script), names; \(kind.usualFile) in ctdb's folder if "
                + "nothing does. The exit code is 1 when no node can be it."
        ) { context, invocation throws(Problem) in
            let group = try group(kind, ConfigVerbs.path(context, invocation))
            let map = NodeMap(nodes: try context.nodes())
            let (leader, used) = choose(group, map)
            let rows = group.members.map { member in
                let node = group.node(of: member, in: map)
                var cells: [Value] = [
                    node.map { .number($0.pnn.rawValue) } ?? .none, .text(member.address.text),
                    .flag(leader != nil && node?.pnn == leader), .flag(member.isFollowerOnly),
                    node.map { .words(Describe.words($0.flags)) } ?? .none,
                ]
                if let used { cells.append(.flag(node.map { used.contains($0.pnn) } ?? false)) }
                return Row(
                    cells, tone: node.map { Describe.tone($0.flags) } ?? .bad,
                    problem: node == nil ? "the cluster has no such node" : nil)
            }
            return Report(
                invocation.verb.schema, facts: [leader.map(Describe.node) ?? .none],
                tables: [rows],
                problems: leader == nil
                    ? [
                        Problem(
                            .failed, kind.title, "no node can be it",
                            advice: "ctdb node status; all are disabled or away, or follower-only")
                    ] : [])
        }
    }

    /// The file of the nodes.
    private static func group(_ kind: Kind, _ folder: String) throws(Problem) -> NodeGroup {
        let options = ["script.options", "events/legacy/\(kind.script).options"].compactMap {
            try? SmallFile.read("\(folder)/\($0)", limit: Configuration.byteLimit)
        }
        let path: String
        switch ShellAssignments.setting(of: kind.variable, in: options, base: folder) {
        case .value(let value) where !value.isEmpty: path = value
        case .expanded(let text):
            throw Problem(
                .failed, kind.title, "\(kind.variable) is \(text), which only a shell can tell",
                advice: "give the whole path in script.options")
        case .value, nil: path = "\(folder)/\(kind.usualFile)"
        }
        let group: NodeGroup
        do throws(SystemError) {
            group = NodeGroup(
                parsing: try SmallFile.read(path, limit: Configuration.byteLimit), file: path)
        } catch {
            throw Problem(
                .failed, "\(kind.title), \(path)", error.reason,
                advice: error.isMissingFile
                    ? "this cluster has none, or \(kind.variable) names another file"
                    : error.advice)
        }
        if let wrong = group.complaints.first {
            throw Problem(
                .failed, kind.title,
                "\(wrong.file)\(wrong.line.map { ", line \($0)" } ?? ""): \(wrong.what)",
                advice: "correct the file; it must be the same on every node")
        }
        return group
    }
}
