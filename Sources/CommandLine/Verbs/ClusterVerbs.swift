// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb cluster`: the cluster as a whole.
enum ClusterVerbs {
    static let noun = Noun(
        "cluster", "The cluster as a whole.",
        [status, leader, vnnMap, generation, recoveryMode, lock, recover])

    static let status = Verb.read(
        "status", "Show the nodes, the leader and whether a recovery goes on.",
        scope: .everyNode,
        schema: Schema(
            "cluster.status",
            facts: [
                Column("leader", .number, "the node that leads; none while there is no leader"),
                Column("generation", .number, "the instance of the cluster"),
                Column(
                    "recovery_mode", .text, "`normal`, or `recovery` while databases are frozen"),
                Column("lmasters", .numbers, "the nodes that know where records are"),
                Column("healthy", .number, "nodes that nothing keeps from their work"),
                Column("nodes", .number, "nodes that the cluster has"),
            ],
            tables: [Schema.Table("members", NodeVerbs.statusColumns)]),
        details: "Every node is asked. One that does not answer within the time limit has a row "
            + "that says so, and the exit code is 3."
    ) { context, invocation throws(Problem) in
        let map = try context.ask(.vnnMap)
        let mode = try context.ask(.recoveryMode)
        let watch = try context.watchLeader()
        let nodes = try context.nodes()
        // A node that is cut off may use up all of the time: what is asked for is asked before.
        let (rows, problems) = try NodeVerbs.statusRows(context)
        let leader = watch.wait(context)
        return Report(
            invocation.verb.schema,
            facts: [
                leader.map(Describe.node) ?? .none, .number(map.generation.rawValue),
                .text(Describe.word(mode)), .list(map.nodes.map { .number($0.rawValue) }),
                .number(Int64(nodes.count { $0.flags.isEmpty })), .number(Int64(nodes.count)),
            ], tables: [rows], problems: problems)
    }

    static let leader = Verb.read(
        "leader", "Show the node that leads the cluster.",
        schema: Schema(
            "cluster.leader", facts: [Column("leader", .number, "the node's number")]),
        details: "The leader says every second that it leads; for this it is waited."
    ) { context, invocation throws(Problem) in
        guard let leader = try context.watchLeader().wait(context) else {
            throw Problem(
                .failed, "listen for the leader", "nobody says that it leads",
                advice: "look at cluster lock and at the logs of the nodes: an election goes on, "
                    + "or fails")
        }
        return Report(invocation.verb.schema, facts: [.number(leader.rawValue)])
    }

    static let vnnMap = Verb.read(
        "vnnmap", "Show the nodes that know where records are.",
        schema: Schema(
            "cluster.vnnmap",
            facts: [Column("generation", .number, "the instance of the cluster")],
            tables: [
                Schema.Table(
                    "map",
                    [
                        Column("hash", .number, "a key's hash modulo the number of rows"),
                        Column("lmaster", .number, "the node that knows where the record is"),
                    ])
            ])
    ) { context, invocation throws(Problem) in
        let map = try context.ask(.vnnMap, of: try context.target())
        return Report(
            invocation.verb.schema, facts: [.number(map.generation.rawValue)],
            tables: [
                map.nodes.enumerated().map { index, node in
                    Row([.number(Int64(index)), .number(node.rawValue)])
                }
            ])
    }

    static let generation = Verb.read(
        "generation", "Show the instance of the cluster that nodes are in.",
        schema: Schema(
            "cluster.generation", rows: "nodes",
            [
                NodeVerbs.nodeColumn,
                Column("generation", .number, "the instance of the cluster; 1 is none"),
            ])
    ) { context, invocation throws(Problem) in
        try context.perNode(invocation, .vnnMap) { _, map in
            [Row([.number(map.generation.rawValue)])]
        }
    }

    static let recoveryMode = Verb.read(
        "recovery-mode", "Show whether nodes are being recovered.", scope: .everyNode,
        schema: Schema(
            "cluster.recovery-mode", rows: "nodes",
            [NodeVerbs.nodeColumn, Column("recovery_mode", .text, "`normal` or `recovery`")])
    ) { context, invocation throws(Problem) in
        try context.perNode(invocation, .recoveryMode) { _, mode in
            [Row([.text(Describe.word(mode))], tone: mode == .normal ? .good : .bad)]
        }
    }

    static let lock = Verb.read(
        "lock", "Show the cluster lock that nodes are configured with.",
        scope: .everyNode,
        schema: Schema(
            "cluster.lock", rows: "nodes",
            [NodeVerbs.nodeColumn, Column("lock", .text, "the setting; none if there is none")])
    ) { context, invocation throws(Problem) in
        try context.perNode(invocation, .clusterLock) { _, lock in
            [Row([Value(lock)])]
        }
    }

    static let recover = Verb.change(
        "recover", "Have the databases recovered, and wait until they are.", scope: .none,
        details: "The cluster serves no records meanwhile."
    ) { context, invocation throws(Problem) in
        let notes = try context.administer("recover") {
            administrator throws(AdministrationFailure) in
            do throws(LegacyFailure) {
                try administrator.listenForLeader()
            } catch {
                throw .control(.message, error)
            }
            let before = try administrator.beginRecovery()
            try administrator.awaitGeneration(otherThan: before)
        }.notes
        return Runner.done(invocation, nodes: [], notes: notes)
    }
}
