// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Presentation
import Sockets
import StageCore
import Stages
import Vocabulary

/// `ctdb stage`: which functions of ctdbd have moved to daemons of their own, and where.
enum StageVerbs {
    static let noun = Noun(
        "stage", "Functions of ctdbd that move to daemons of their own, node by node.",
        [list, show] + StageChangeVerbs.all + [log, watch, StageReportVerb.verb])

    static let function = Parameter(
        "function", .choice(ClusterFunction.all.map(\.description)),
        "event, ip, service, cluster or database")

    static func function(_ invocation: Invocation) throws(Problem) -> ClusterFunction {
        let name = try invocation.text("function")
        guard let function = ClusterFunction(name: name) else {
            throw Problem(.usage, "stage", "\(CommandParser.shortened(name)) is no function")
        }
        return function
    }

    private static let epoch = Column("epoch", .number, "counts the changes of stages")

    // MARK: list

    static let list = Verb.read(
        "list", "Show the stage of every function on every node.",
        options: [ProxyVerbs.directory], scope: .everyNode,
        schema: Schema(
            "stage.list", facts: [epoch],
            tables: [
                Schema.Table(
                    "nodes",
                    [
                        NodeVerbs.nodeColumn,
                        Column("flags", .words, "its flags as the local node sees them"),
                    ]
                        + ClusterFunction.all.map {
                            Column(
                                $0.description, .text, "the stage; in brackets what really happens")
                        }),
                Schema.Table(
                    "stages",
                    [
                        Column("function", .text, "a function that has moved somewhere"),
                        NodeVerbs.nodeColumn,
                        Column("recorded", .text, "what was decided"),
                        Column("in_effect", .text, "what really happens; none if nobody can say"),
                        Column("detail", .text, "why the two differ, or it was reversed"),
                        Column("since", .text, "when it was decided, UTC"),
                    ]),
            ]),
        details: "legacy: ctdbd does it. shadow: the new daemon decides beside it and compares. "
            + "native: the new daemon does it, and ctdbd is held off. finalised: nothing of the "
            + "old one is left. Daemons of other nodes are asked through the proxies. Without "
            + "ctdbd it shows what this node knew last."
    ) { context, invocation throws(Problem) in
        let desk = try StageDesk(context, invocation)
        let wanted = try desk.nodes(of: context)
        // A function that has never moved anywhere has no daemon to ask.
        let moved = ClusterFunction.all.filter { function in
            desk.table.entries.contains { $0.function == function }
        }
        let nodes = desk.view(of: moved, on: wanted, context)
        var matrix: [Row] = []
        var rows: [Row] = []
        for node in nodes {
            var cells = [
                Value.number(node.pnn.rawValue),
                .words(desk.problem == nil ? Describe.words(node.flags) : ["unknown"]),
            ]
            var tone = Row.Tone.plain
            for function in ClusterFunction.all {
                let state = State(function, node, desk.table)
                cells.append(.text(state.text))
                if state.differs { tone = .warning }
            }
            matrix.append(Row(cells, tone: tone))
        }
        for function in moved {
            for node in nodes {
                let state = State(function, node, desk.table)
                guard let entry = desk.table.entry(function, on: node.pnn) else { continue }
                rows.append(
                    Row(
                        [
                            .text("\(function)"), .number(node.pnn.rawValue),
                            .text("\(state.recorded)"),
                            Value(state.inEffect.map { "\($0)" }),
                            Value(state.detail.isEmpty ? nil : state.detail),
                            moment(entry.since),
                        ], tone: state.differs ? .warning : .plain))
            }
        }
        return Report(
            invocation.verb.schema, facts: [.unsigned(desk.table.epoch)], tables: [matrix, rows],
            notes: notes(desk))
    }

    /// How a function stands on a node.
    struct State {
        var recorded: Stage
        /// Nil when nobody can say.
        var inEffect: Stage?
        var detail: String

        init(_ function: ClusterFunction, _ node: StageView.Node, _ table: StageTable) {
            let entry = table.entry(function, on: node.pnn)
            recorded = entry?.stage ?? .legacy
            let real = Stage.inEffect(recorded: recorded, node.daemons[function])
            inEffect = real.stage
            detail = real.why
            if inEffect == recorded, let entry, !entry.reversal.isEmpty {
                detail = "reversed: \(entry.reversal)"
            }
        }

        var differs: Bool { recorded != inEffect }

        /// For the matrix.
        var text: String {
            guard differs else { return "\(recorded)" }
            let real = inEffect.map { "\($0)" } ?? "not known"
            return "\(recorded) (\(detail.isEmpty ? "" : "\(detail): ")\(real))"
        }
    }

    static func notes(_ desk: StageDesk) -> [String] {
        guard let problem = desk.problem else { return [] }
        return ["this is what this node knew last: \(problem.why)"]
    }

    /// A moment of a record.
    static func moment(_ milliseconds: UInt64) -> Value {
        Describe.moment(
            Timeval(seconds: Int64(clamping: milliseconds / 1000), microseconds: 0))
    }

    // MARK: show

    static let show = Verb.read(
        "show", "Show how a function stands on every node, and how its daemons do.", [function],
        options: [ProxyVerbs.directory], scope: .everyNode,
        schema: Schema(
            "stage.show",
            facts: [
                Column("function", .text, "the function"),
                Column("program", .text, "the daemon that takes it over"), epoch,
            ],
            tables: [
                Schema.Table(
                    "nodes",
                    [
                        NodeVerbs.nodeColumn,
                        Column("recorded", .text, "what was decided"),
                        Column("in_effect", .text, "what really happens; none if nobody can say"),
                        Column("detail", .text, "why the two differ, or it was reversed"),
                        Column("since", .text, "when it was decided, UTC"),
                        Column("verified", .text, "when it was verified in this stage, UTC"),
                        Column("is_stale", .flag, "whether the verification is too old"),
                        Column(
                            "fitness", .text, "what the daemon says: `fit`, `unfit`, `starting`"),
                        Column("compared", .number, "decisions compared in shadow"),
                        Column("different", .number, "those that differed"),
                        Column("tasks", .number, "what it did natively of late"),
                        Column("errors", .number, "what failed of it"),
                        Column("mismatches", .number, "what had a wrong result"),
                        Column("software", .text, "its program"),
                    ])
            ]),
        details: "ctdb stage report has the differences."
    ) { context, invocation throws(Problem) in
        let function = try function(invocation)
        let desk = try StageDesk(context, invocation)
        let nodes = desk.view(of: [function], on: try desk.nodes(of: context), context)
        let now = ProcessEnvironment.wallClockMilliseconds()
        let rows = nodes.map { node in
            let state = State(function, node, desk.table)
            let entry = desk.table.entry(function, on: node.pnn)
            let status = node.status(of: function)
            let verified = entry?.verified ?? 0
            var cells: [Value] = [
                .number(node.pnn.rawValue), .text("\(state.recorded)"),
                Value(state.inEffect.map { "\($0)" }),
                Value(state.detail.isEmpty ? nil : state.detail), moment(entry?.since ?? 0),
                moment(verified),
                verified == 0
                    ? .none
                    : .flag(!desk.settings.rules.isYoungEnough(verified: verified, now: now)),
            ]
            cells +=
                status.map { status in
                    [
                        .text(word(status.fitness)), .unsigned(status.compared),
                        .unsigned(status.different), .unsigned(status.watched),
                        .unsigned(status.watchedErrors), .unsigned(status.watchedMismatches),
                        .text(status.software),
                    ]
                } ?? [Value](repeating: .none, count: 7)
            let isBad = state.differs || status?.fitness == .unfit
            return Row(cells, tone: isBad ? .warning : .plain)
        }
        return Report(
            invocation.verb.schema,
            facts: [.text("\(function)"), .text(function.program), .unsigned(desk.table.epoch)],
            tables: [rows], notes: notes(desk))
    }

    private static func word(_ fitness: Fitness) -> String {
        switch fitness {
        case .starting: "starting"
        case .fit: "fit"
        case .unfit: "unfit"
        case .unknown(let number): "unknown_\(number)"
        }
    }

    // MARK: log and watch

    static let changeColumns = [
        epoch, Column("time", .text, "when, UTC"),
        Column("verb", .text, "what was done"),
        Column("function", .text, "with which function"),
        Column("nodes", .numbers, "on which nodes"),
        Column("from", .text, "the stage before"), Column("to", .text, "the stage after"),
        Column("who", .text, "a user, or a program on its own"),
        Column("origin", .number, "the node where it was done"),
        Column("reason", .text, "why"),
    ]

    private static let someFunction = Parameter(
        "function", .choice(ClusterFunction.all.map(\.description)),
        "event, ip, service, cluster or database; all if not given", isOptional: true)

    static let log = Verb.read(
        "log", "Show who changed which stage, when and why.", [someFunction],
        options: [
            Option(
                "count", value: Parameter("count", .number(1...512), "a number"),
                "Show the latest so many; all that are kept if not given.")
        ], scope: .none,
        schema: Schema("stage.log", rows: "changes", changeColumns),
        details:
            "The latest 512 changes are kept, and the oldest of them dropped. Without ctdbd it "
            + "shows what this node knew last."
    ) { context, invocation throws(Problem) in
        let desk = try StageDesk(context, invocation)
        let wanted = invocation.text(ifGiven: "function")
        let entries = desk.log.entries.filter { wanted == nil || "\($0.function)" == wanted }
        let count = invocation.number(ifGiven: "count").map { Int(clamping: $0) } ?? entries.count
        return Report(
            invocation.verb.schema, rows: entries.suffix(count).map(row), notes: notes(desk))
    }

    static func row(_ entry: StageLogEntry) -> Row {
        Row([
            .unsigned(entry.epoch), moment(entry.time), .text(entry.verb),
            .text("\(entry.function)"), .list(entry.nodes.map { .number($0.rawValue) }),
            .text("\(entry.from)"), .text("\(entry.to)"), .text(entry.who),
            Describe.node(entry.origin), Value(entry.reason.isEmpty ? nil : entry.reason),
        ])
    }

    static let watch = Verb.follow(
        "watch", "Show changes of stages as they happen, until interrupted.", [someFunction],
        options: [
            Option(
                "since", value: Parameter("epoch", .number(0...UInt64.max), "an epoch"),
                "Begin with the changes after this epoch; with what comes if not given."),
            Option(
                "count", value: Parameter("count", .number(1...1_000_000), "a number"),
                "End after so many changes."),
        ], scope: .none,
        schema: Schema("stage.watch", rows: "changes", changeColumns)
    ) { context, invocation, tell throws(Problem) in
        let wanted = invocation.text(ifGiven: "function")
        var rest = invocation.number(ifGiven: "count") ?? .max
        var seen = invocation.number(ifGiven: "since")
        while rest > 0 {
            // A new look has a new time limit, and finds a ctdbd that was started anew.
            let look = Context(
                context.conversation, context.surroundings, context.settings, context.structure)
            let desk = try StageDesk(look, invocation)
            let known = seen ?? desk.table.epoch
            // A table that was put back to an older state begins anew.
            seen = desk.table.epoch
            for entry in desk.log.entries where entry.epoch > known && rest > 0 {
                guard wanted == nil || "\(entry.function)" == wanted else { continue }
                rest -= 1
                guard tell(Report(invocation.verb.schema, rows: [row(entry)])) else { return }
            }
            guard rest > 0, context.surroundings.pause(1) else { return }
        }
    }
}
