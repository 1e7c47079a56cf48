// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb node show`: all that nodes say of themselves.
enum NodeShowVerb {
    /// A column, and the question that fills it.
    private struct Part {
        var column: Column
        var query: LegacyQuery<Value>
    }

    private static let parts = [
        Part(
            column: Column("run_state", .text, "how far its ctdbd has come"),
            query: LegacyQuery.runState.map { .text(Describe.word($0)) }),
        Part(
            column: Column("recovery_mode", .text, "`normal` or `recovery`"),
            query: LegacyQuery.recoveryMode.map { .text(Describe.word($0)) }),
        Part(
            column: Column("capabilities", .words, "what it may become and knows to do"),
            query: LegacyQuery.capabilities.map { .words(Describe.words($0)) }),
        Part(
            column: Column("generation", .number, "the instance of the cluster that it is in"),
            query: LegacyQuery.vnnMap.map { .number($0.generation.rawValue) }),
        Part(
            column: Column("pid", .number, "ctdbd's process id"),
            query: LegacyQuery.pid.map { .number($0) }),
        Part(
            column: Column("clients", .number, "clients that are connected to it"),
            query: LegacyQuery.ping.map { .number($0) }),
        Part(
            column: Column("started", .text, "when ctdbd started, UTC"),
            query: LegacyQuery.uptime.map { Describe.moment($0.daemonStarted) }),
        Part(
            column: Column("banned_seconds", .number, "how long it is banned for; 0 if it is not"),
            query: LegacyQuery.banState.map { .number($0.seconds) }),
    ]

    static let verb = Verb.read(
        "show", "Show all that nodes say of themselves.",
        [
            Parameter(
                "nodes", .nodes,
                "numbers separated by commas, or all; the local node if not given",
                isOptional: true)
        ],
        schema: Schema(
            "node.show", version: 2,
            tables: [
                Schema.Table(
                    "nodes",
                    [
                        NodeVerbs.nodeColumn, Column("address", .text, "the private address"),
                        Column("flags", .words, "what keeps it from its work, or `ok`"),
                    ] + parts.map(\.column), layout: .blocks)
            ])
    ) { context, invocation throws(Problem) in
        let nodes = try NodeChangeVerbs.meant(context, invocation)
        let reached = nodes.filter { $0.flags.isConnected }
        let questions = reached.flatMap { node in
            parts.map { LegacySession.Question($0.query, of: node.pnn) }
        }
        var answers = try context.session().ask(questions, within: context.rest)[...]
        var problems: [Problem] = []
        let rows = nodes.map { node in
            var row = Row(
                [
                    .number(node.pnn.rawValue), .text(node.address.text),
                    .words(Describe.words(node.flags)),
                ], tone: Describe.tone(node.flags))
            func fail(_ failure: LegacyFailure) {
                guard row.problem == nil else { return }
                row.problem = context.short(failure)
                row.tone = .bad
                problems.append(context.problem(failure))
            }
            for part in parts {
                guard node.flags.isConnected, let answer = answers.popFirst() else {
                    row.cells.append(.none)
                    fail(.disconnected(node.pnn, part.query.request.opcode))
                    continue
                }
                row.cells.append((try? answer.get()) ?? .none)
                if case .failure(let failure) = answer { fail(failure) }
            }
            return row
        }
        return Report(
            invocation.verb.schema, rows: rows,
            problems: Context.settled(problems, among: nodes.count))
    }
}
