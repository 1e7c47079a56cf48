// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyWire
import PeerWire
import Presentation
import StageCore
import Vocabulary

/// The verbs of `ctdb ip` that only the address daemons can answer.
enum AddressDaemonVerbs {
    static let all = [status, history]

    // MARK: status

    private static let status = Verb.read(
        "status", "Show how the address daemon of each node stands, and who coordinates.",
        options: [ProxyVerbs.directory], scope: .everyNode,
        schema: Schema(
            "ip.status", rows: "nodes",
            [
                NodeVerbs.nodeColumn,
                Column("stage", .text, "what it does: `legacy`, `shadow`, `native`, `finalised`"),
                Column("hosts", .flag, "whether it, and not ctdbd, has the node's addresses"),
                Column("coordinator", .number, "the node whose daemon decides; none if none does"),
                Column("term", .number, "counts the coordinators"),
                Column(
                    "held_off", .real,
                    "for how many seconds more ctdbd's own runs are held off; 0: they are not"),
                Column("configured", .number, "addresses that the node can have"),
                Column("hosted", .number, "addresses that it has"),
                Column("connections", .number, "connections of clients that it knows of"),
                Column("runs", .number, "runs that it has done as the coordinator"),
                Column("problem", .text, "how its last run ended, or why it does not answer"),
            ]),
        details: "ctdb-ipd of each node is asked, through the proxies. A node need not have one. "
            + "Without ctdbd only the one of this node is asked."
    ) { context, invocation throws(Problem) in
        let answers = try AddressDaemons.ask(PeerProtocol.ipStatus, IPStatus.self, context)
        let problems = AddressDaemons.problems(answers, "show the address daemon")
        if answers.count == 1, let only = problems.first { throw only }
        let rows = answers.map { answer in
            let node = answer.node.map { Describe.node($0) } ?? .none
            switch answer.result {
            case .success(let status):
                return Row([node] + cells(status), tone: status.problem.isEmpty ? .good : .warning)
            case .failure(let silence):
                let missing = [Value](repeating: .none, count: 9)
                let isLacking = silence.isAbsence || silence.isWithoutProxy
                return Row(
                    [node] + missing + [.text(silence.why)], tone: isLacking ? .plain : .bad)
            }
        }
        return Report(invocation.verb.schema, rows: rows, problems: problems)
    }

    private static func cells(_ status: IPStatus) -> [Value] {
        [
            .text("\(status.inEffect)"), .flag(status.hosts), Describe.node(status.coordinator),
            .unsigned(status.term), .real(Double(status.heldOffMilliseconds) / 1000),
            .number(status.configured), .number(status.hosted), .number(status.connections),
            .unsigned(status.runs), Value(status.problem.isEmpty ? nil : status.problem),
        ]
    }

    // MARK: history

    private static let history = Verb.read(
        "history", "Show what has happened to public addresses, why, and how long it took.",
        [
            Parameter(
                "address", .address, "the public address; all if not given", isOptional: true)
        ],
        options: [
            Option(
                "count",
                value: Parameter(
                    "count", .number(1...UInt64(PeerProtocol.ipHistoryLimit)), "a number"),
                "Show the latest so many; all that are kept if not given."), ProxyVerbs.directory,
        ], scope: .everyNode,
        schema: Schema(
            "ip.history", rows: "changes",
            [
                Column("time", .text, "when it was over, UTC"),
                NodeVerbs.nodeColumn, AddressVerbs.addressColumn,
                Column("event", .text, "such as `taken`, `released`, `repaired` or `conflict`"),
                Column("from", .number, "the node that had it; none if none is known"),
                Column("to", .number, "the node that has it then; none if none has"),
                Column("seconds", .real, "how long it took"),
                Column("by", .text, "who has done it"),
                Column("reason", .text, "why"),
            ]),
        details: "Each node's ctdb-ipd keeps what has happened there; the nodes' lines are put in "
            + "the order of their clocks, the latest last."
    ) { context, invocation throws(Problem) in
        let address = invocation.address(ifGiven: "address")
        let count = invocation.number(ifGiven: "count").map { Int(clamping: $0) }
        let request = IPHistoryRequest(
            count: address == nil ? UInt32(clamping: count ?? 0) : 0)
        let answers = try AddressDaemons.ask(
            PeerProtocol.ipHistory, IPHistory.self, context, payload: request.encoded())
        let problems = AddressDaemons.problems(answers, "show the history")
        if answers.count == 1, let only = problems.first { throw only }
        var changes: [AddressChange] = []
        var notes: [String] = []
        for answer in answers {
            guard case .success(let history) = answer.result else { continue }
            let read = history.lines.compactMap { AddressChange(line: $0.text, on: answer.node) }
            let lost = history.lines.count - read.count
            if lost > 0 {
                let place = answer.node.map { " of node \($0)" } ?? ""
                notes.append("\(lost) lines\(place) cannot be read")
            }
            changes += read
        }
        if let address { changes.removeAll { $0.address?.isSameHost(as: address) != true } }
        // What happened in one millisecond stays in the order in which it was told.
        let order = changes.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        return Report(
            invocation.verb.schema,
            rows: order.suffix(count ?? order.count).map { $0.element.row }, problems: problems,
            notes: notes)
    }
}
