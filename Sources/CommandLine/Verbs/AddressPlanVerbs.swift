// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressShell
import LegacyClient
import Presentation
import Sockets
import Vocabulary

/// `ctdb ip plan` and `ctdb ip state`: what a takeover run would do, and what from.
enum AddressPlanVerbs {
    static let all = [plan, state]

    /// So many bytes of a state are read.
    private static let limit = 1 << 28

    static let state = Verb.read(
        "state", "Show what a takeover run would start from.", scope: .none,
        schema: Schema(
            "ip.state",
            facts: [
                Column("algorithm", .text, "the algorithm that the tunables choose"),
                Column("no_ip_takeover", .flag, "`NoIPTakeover`: no node is given an address"),
                Column("no_ip_failback", .flag, "`NoIPFailback`: no address leaves a fit node"),
                Column("failover_disabled", .flag, "runs are switched off; a node does not tell"),
                Column("force_rebalance", .numbers, "nodes that LCP2 fills; a node does not tell"),
            ],
            tables: [
                Schema.Table(
                    "nodes",
                    [
                        NodeVerbs.nodeColumn,
                        Column("flags", .words, "its flags as the local node sees them"),
                        Column(
                            "known", .objects,
                            "`address`, and `node`, which has it as this node sees it"),
                        Column("available", .words, "the addresses that it can host now"),
                    ])
            ]),
        details: "With --json this is what --state of \"ip plan\" reads. There, available may be "
            + "left away: the node then can host all that it knows if its flags let it. The "
            + "tunables are the local node's; those of the leader decide."
    ) { context, invocation throws(Problem) in
        let live = try live(context)
        let settings = live.state.settings
        let rows = live.state.nodes.enumerated().map { number, node in
            Row([
                .number(Int64(number)), .words(Describe.words(node.flags)),
                .list(
                    node.known.map { known in
                        .object([
                            Field("address", .text("\(known.address)")),
                            Field("node", Describe.node(known.host)),
                        ])
                    }),
                .words(node.available.map { "\($0)" }),
            ])
        }
        return Report(
            invocation.verb.schema,
            facts: [
                .text(live.algorithm.rawValue), .flag(settings.noTakeover),
                .flag(settings.noFailback), .flag(settings.isFailoverDisabled),
                .list(settings.forcedNodes.map { .number(Int64($0)) }),
            ], tables: [rows], notes: notes(live))
    }

    static let plan = Verb.read(
        "plan", "Show what a takeover run would move and why; nothing is touched.",
        options: [
            Option(
                "algorithm",
                value: Parameter(
                    "name", .choice(Algorithm.allCases.map(\.rawValue) + ["all"]),
                    "an algorithm, or all of them"),
                "which algorithm, in place of the one that the tunables choose"),
            Option(
                "state", value: Parameter("file", .file, "a path; - is standard input"),
                "plan for this state, in place of the cluster's"),
        ], scope: .none,
        schema: Schema(
            "ip.plan",
            tables: [
                Schema.Table(
                    "plans",
                    [
                        algorithmColumn,
                        Column("chosen", .flag, "whether the tunables choose it"),
                        Column("skipped", .flag, "whether the run would deal out nothing"),
                        Column("moves", .number, "addresses that change their node"),
                        Column("unhosted", .number, "addresses that no node would have"),
                        Column("most", .number, "the most addresses that a node would have"),
                        Column("fewest", .number, "the fewest, of nodes that can host any"),
                    ]),
                Schema.Table(
                    "moves",
                    [
                        algorithmColumn, AddressVerbs.addressColumn,
                        Column("from", .number, "the node that has it; none if no node has it"),
                        Column("to", .number, "the node that would get it; none if none would"),
                        Column("reason", .text, "a word for why"),
                        Column("explanation", .text, "why, in words"),
                    ]),
                Schema.Table(
                    "addresses",
                    [
                        algorithmColumn, AddressVerbs.addressColumn,
                        Column("node", .number, "the node that would have it"),
                    ]),
            ]),
        details: "The algorithms deterministic, non-deterministic and lcp2 are ctdbd's; "
            + "fewest-moves deals out numbers of addresses as evenly as possible and moves as few "
            + "as that takes. The tunables are the local node's; those of the leader decide. "
            + "A state is what \"ip state --json\" writes."
    ) { context, invocation throws(Problem) in
        var notes: [String] = []
        let base: AddressStateText.Plan
        if let path = invocation.text(ifGiven: "state") {
            base = try AddressStateText.read(try contents(path, context))
        } else {
            let live = try live(context)
            notes = Self.notes(live)
            base = AddressStateText.Plan(state: live.state, algorithm: live.algorithm)
        }
        let wanted = invocation.text(ifGiven: "algorithm") ?? base.algorithm.rawValue
        var report = Report(invocation.verb.schema, tables: [[], [], []], notes: notes)
        for algorithm in Algorithm.allCases where wanted == "all" || wanted == algorithm.rawValue {
            try append(base, algorithm, to: &report)
        }
        return report
    }

    private static let algorithmColumn = Column("algorithm", .text, "the algorithm")

    private static func append(
        _ base: AddressStateText.Plan, _ algorithm: Algorithm, to report: inout Report
    ) throws(Problem) {
        let result: Allocation
        do throws(AddressError) {
            result = try base.state.allocation(by: algorithm)
        } catch {
            throw Problem(.failed, "plan by \(algorithm.rawValue)", "\(error)")
        }
        let name = Value.text(algorithm.rawValue)
        let fit = base.state.asked.nodes.indices.filter {
            !base.state.asked.nodes[$0].available.isEmpty
        }
        let counts = fit.map { Int64(result.counts[$0].after) }
        let unhosted = result.entries.count { $0.to == .unknown }
        report.tables[0].append(
            Row(
                [
                    name, .flag(algorithm == base.algorithm), .flag(result.isSkipped),
                    .number(Int64(result.moves.count)), .number(Int64(unhosted)),
                    counts.max().map { .number($0) } ?? .none,
                    counts.min().map { .number($0) } ?? .none,
                ], tone: unhosted == 0 ? .good : .bad))
        report.tables[1] += result.moves.map { move in
            Row(
                [
                    name, .text("\(move.address)"), Describe.node(move.from),
                    Describe.node(move.to), Value(move.reason?.name),
                    Value(move.reason?.description),
                ], tone: move.to == .unknown ? .bad : .plain)
        }
        report.tables[2] += result.entries.map { entry in
            Row([name, .text("\(entry.address)"), Describe.node(entry.to)])
        }
    }

    private static func live(_ context: Context) throws(Problem) -> LiveAddresses {
        let session = try context.session()
        do throws(LegacyFailure) {
            return try LiveAddresses.read(session, within: context.rest)
        } catch {
            throw context.problem(error)
        }
    }

    private static func notes(_ live: LiveAddresses) -> [String] {
        live.differing.map {
            "\($0.tunable) is \($0.value) on node \($0.node), and another on the local node"
        }
    }

    private static func contents(
        _ path: String, _ context: Context
    ) throws(Problem) -> [UInt8] {
        if path == "-" {
            var bytes: [UInt8] = []
            while case let more = context.surroundings.input(), !more.isEmpty {
                bytes += more
                guard bytes.count <= limit else {
                    throw Problem(.usage, "read the state", "it has more than \(limit) bytes")
                }
            }
            return bytes
        }
        do throws(SystemError) {
            return try SmallFile.read(path, limit: limit)
        } catch {
            throw Problem(
                .usage, "read the state, \(path)", error.reason, advice: error.advice)
        }
    }
}
