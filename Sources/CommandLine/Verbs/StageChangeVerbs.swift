// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Presentation
import Sockets
import StageCore
import Stages
import Vocabulary

/// The verbs of `ctdb stage` that change something.
enum StageChangeVerbs {
    static let all: [Verb] = [
        verb(
            .prepare, "Have the new daemon decide beside ctdbd, and compare.",
            details: "legacy to shadow. The function's daemon must run on the nodes."),
        verb(
            .verify, "Ask the daemons whether all is well, and record that it is.",
            details:
                "Enough decisions must have been compared, and hardly any may differ. What was "
                + "verified counts for a time (`verification age`), for that program in that stage."
        ),
        verb(
            .switch, "Have the new daemon take over, and hold ctdbd off.",
            details: "shadow to native. Needs a verification, a healthy node, and the other "
                + "functions that this one needs."),
        verb(
            .reverse, "Give a function back: native to shadow, finalised to native.",
            details: "Never refused for the state of a node or a daemon: it is one write to a "
                + "database that ctdbd replicates. Functions that need this one go back with it. A "
                + "node that is disconnected learns of it when it is back."),
        verb(
            .complete, "Put away what ctdbd had for a function.",
            details: "native to finalised. Needs a verification since the switch."),
        verb(
            .cancel, "Have the new daemon decide and compare no more.",
            details: "shadow to legacy."),
    ]

    private static let percent = Option(
        "percent", value: Parameter("percent", .number(1...100), "of a hundred"),
        "Only so many of a hundred nodes, rounded up; always the same ones, and those of a smaller "
            + "number among those of a larger one.")
    private static let reason = Option(
        "reason", value: Parameter("text", .text, "a text"), "Why, for the log.")

    /// What a change of stages reports.
    private static func schema(_ verb: StageVerb) -> Schema {
        Schema(
            "stage.\(verb.rawValue)",
            facts: [
                Column("verb", .text, "what is done"), Column("function", .text, "the function"),
                Column("done", .flag, "whether it is done; false with `--dry-run`"),
                Column("epoch", .number, "the epoch afterwards"),
                Column("nodes", .numbers, "the nodes that it was done on"),
            ],
            tables: [
                Schema.Table(
                    "moves",
                    [
                        Column("function", .text, "a function, this one or one that needs it"),
                        NodeVerbs.nodeColumn, Column("from", .text, "the stage before"),
                        Column("to", .text, "the stage after"),
                    ]),
                Schema.Table(
                    "steps",
                    [
                        NodeVerbs.nodeColumn,
                        Column("step", .text, "what is done; with `--dry-run`"),
                    ]),
            ])
    }

    private static func verb(
        _ verb: StageVerb, _ summary: String, details: String
    ) -> Verb {
        .change(
            verb.rawValue, summary, [StageVerbs.function],
            options: [percent, reason, ProxyVerbs.directory], scope: .everyNode,
            schema: schema(verb),
            details: details + " Without --node and --percent it is about all nodes where it leads "
                + "anywhere. A dry run shows each step."
        ) { context, invocation throws(Problem) in
            try run(verb, context, invocation)
        }.tellingItsSteps()
    }

    private static func run(
        _ verb: StageVerb, _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> Report {
        let function = try StageVerbs.function(invocation)
        let selection = try selection(context, invocation)
        // What gives something back is not kept from it by somebody who changes something else.
        var tries = verb.isRetreat ? 5 : 1
        while true {
            let desk = try StageDesk(context, invocation)
            if let problem = desk.problem { throw unreachable(problem, verb, function) }
            let plan = plan(verb, function, selection, desk, context, invocation)
            guard plan.refusals.isEmpty else {
                return report(
                    verb, function, plan, desk.table.epoch, invocation, problems: problems(plan))
            }
            guard let change = plan.change else {
                return report(
                    verb, function, plan, desk.table.epoch, invocation, isDone: true,
                    notes: ["every node is there already, or \(verb.rawValue) leads nowhere"])
            }
            if context.settings.isDryRun {
                return report(
                    verb, function, plan, desk.table.epoch, invocation, notes: plan.warnings)
            }
            let client = context.conversation.databaseSession(try context.session())
            client.limit = context.rest
            do throws(StageError) {
                let result = try StageDatabase.record(change, through: client)
                let notes =
                    plan.warnings
                    + (result.logProblem.map { ["this is not in the log: \($0)"] } ?? [])
                return report(
                    verb, function, plan, result.table.epoch, invocation, isDone: true,
                    notes: notes)
            } catch {
                tries -= 1
                guard case .conflict(.changedMeanwhile) = error, tries > 0 else {
                    throw StageDesk.problem(error)
                }
            }
        }
    }

    private static func selection(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> NodeSelection {
        let percent = invocation.number(ifGiven: "percent").map { Int(clamping: $0) }
        switch (context.settings.nodes, percent) {
        case (.these(let nodes)?, nil): return .nodes(nodes)
        case (_?, _?):
            throw Problem(.usage, "--percent", "it chooses the nodes: --node has no place with it")
        case (_, let percent?): return .percent(percent)
        default: return .all
        }
    }

    private static func plan(
        _ verb: StageVerb, _ function: ClusterFunction, _ selection: NodeSelection,
        _ desk: StageDesk, _ context: Context, _ invocation: Invocation
    ) -> StagePlan {
        // Whoever gives something back does not wait for daemons that may be dead.
        let nodes =
            verb.isRetreat
            ? desk.nodes : desk.view(of: [function], on: desk.nodes, context)
        let planner = StagePlanner(
            rules: desk.settings.rules, table: desk.table, view: StageView(nodes: nodes),
            now: ProcessEnvironment.wallClockMilliseconds())
        let author = StagePlanner.Author(
            who: who(context), node: desk.own ?? .unknown,
            reason: invocation.text(ifGiven: "reason") ?? "")
        return planner.plan(verb, function, on: selection, by: author)
    }

    /// The user who types, also behind sudo.
    private static func who(_ context: Context) -> String {
        let names = ["SUDO_USER", "LOGNAME", "USER"].compactMap(context.surroundings.variable)
        return names.first { !$0.isEmpty } ?? "uid \(Credentials.own.uid)"
    }

    private static func unreachable(
        _ problem: Problem, _ verb: StageVerb, _ function: ClusterFunction
    ) -> Problem {
        var problem = problem
        problem.what = "\(verb.rawValue) \(function)"
        problem.advice =
            verb == .reverse
            ? "run it on a node whose ctdbd runs; on this node, stop \(function.program): ctdbd "
                + "has \(function) again when it starts" : problem.advice
        return problem
    }

    private static func problems(_ plan: StagePlan) -> [Problem] {
        plan.refusals.map { refusal in
            Problem(
                .failed, node: refusal.node?.rawValue, "", refusal.reason,
                advice: refusal.remedy.isEmpty ? nil : refusal.remedy)
        }
    }

    private static func report(
        _ verb: StageVerb, _ function: ClusterFunction, _ plan: StagePlan, _ epoch: UInt64,
        _ invocation: Invocation, isDone: Bool = false, problems: [Problem] = [],
        notes: [String] = []
    ) -> Report {
        let nodes = problems.isEmpty ? plan.change?.nodes ?? [] : []
        let moves = plan.moves.map { move in
            Row([
                .text("\(move.function)"), .number(move.node.rawValue), .text("\(move.from)"),
                .text("\(move.to)"),
            ])
        }
        let steps = plan.steps.map { step in
            Row([step.node.map(Describe.node) ?? .none, .text(step.text)])
        }
        return Report(
            invocation.verb.schema,
            facts: [
                .text(verb.rawValue), .text("\(function)"), .flag(isDone), .unsigned(epoch),
                .list(nodes.map { .number($0.rawValue) }),
            ],
            tables: problems.isEmpty
                ? [moves, invocation.settings.isDryRun ? steps : []] : [[], []],
            problems: problems, notes: notes)
    }
}
