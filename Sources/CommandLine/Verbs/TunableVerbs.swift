// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb tunable`: the numbers that ctdbd can be tuned with.
enum TunableVerbs {
    static let noun = Noun(
        "tunable", "Numbers that ctdbd is tuned with.", [list, get, set, check])

    private static let name = Parameter("name", .tunable, "the tunable")
    private static let nameColumn = Column("name", .text, "the tunable")
    private static let valueColumn = Column("value", .number, "its value")

    /// All tunables of the nodes; nil in place of a value that a node does not say.
    private static func values(
        _ context: Context, _ nodes: [NodeMap.Node]
    ) throws(Problem) -> (
        names: [String], answers: [Result<UInt32, LegacyFailure>], asked: [NodeMap.Node]
    ) {
        let names = try context.ask(.tunableNames).names
        let session = try context.session()
        let questions = nodes.flatMap { node in
            names.map { LegacySession.Question(.tunable($0), of: node.pnn) }
        }
        return (names, session.ask(questions, within: context.rest), nodes)
    }

    static let list = Verb.read(
        "list", "List all tunables and their values.",
        schema: Schema("tunable.list", rows: "tunables", [nameColumn, valueColumn])
    ) { context, invocation throws(Problem) in
        let node = try context.these([try context.target()])
        let (names, answers, _) = try values(context, node)
        var rows: [Row] = []
        for (name, answer) in zip(names, answers) {
            do throws(LegacyFailure) {
                rows.append(Row([.text(name), .number(try answer.get())]))
            } catch {
                throw context.problem(error, "read \(name)")
            }
        }
        return Report(invocation.verb.schema, rows: rows)
    }

    static let get = Verb.read(
        "get", "Show the value of a tunable.", [name],
        schema: Schema(
            "tunable.get", rows: "nodes", [NodeVerbs.nodeColumn, valueColumn])
    ) { context, invocation throws(Problem) in
        let name = try invocation.text("name")
        try known(name, context)
        return try context.perNode(invocation, .tunable(name)) { _, value in
            [Row([.number(value)])]
        }
    }

    static let set = Verb.control(
        "set", "Set a tunable on a node, until its ctdbd ends.",
        [name, Parameter("value", .number(0...4_294_967_295), "the value")],
        details: "What is to last goes into the file ctdb.tunables of every node."
    ) { context, invocation throws(Problem) in
        let name = try invocation.text("name")
        let value = try invocation.number("value")
        if !context.settings.isDryRun { try known(name, context) }
        return PlannedControl(
            .setTunable(Tunable(value: UInt32(clamping: value), name: name)))
    }

    static let check = Verb.read(
        "check", "Compare the tunables of all nodes.", scope: .everyNode,
        schema: Schema(
            "tunable.check", rows: "differences",
            [
                nameColumn,
                Column("values", .objects, "`node` and `value`, for each node that was asked"),
            ]),
        details: "The exit code is 0 when all nodes that answer have the same values, and 1 "
            + "when they differ."
    ) { context, invocation throws(Problem) in
        let nodes = try context.targets(.everyNode)
        let (names, answers, asked) = try values(context, nodes.filter { $0.flags.isConnected })
        var problems: [Problem] = []
        for node in nodes where !node.flags.isConnected {
            problems.append(Problem(.incomplete, node: node.pnn.rawValue, "ask", "disconnected"))
        }
        for (index, node) in asked.enumerated() {
            if case .failure(let failure)? = answers.dropFirst(index * names.count).first {
                problems.append(context.problem(failure))
            }
        }
        problems = Context.settled(problems, among: nodes.count)
        var rows: [Row] = []
        for (index, name) in names.enumerated() {
            let found = asked.enumerated().compactMap { place, node in
                (try? answers[place * names.count + index].get()).map { (node.pnn, $0) }
            }
            guard Set(found.map(\.1)).count > 1 else { continue }
            rows.append(
                Row(
                    [
                        .text(name),
                        .list(
                            found.map {
                                .object([
                                    Field("node", .number($0.0.rawValue)),
                                    Field("value", .number($0.1)),
                                ])
                            }),
                    ], tone: .bad))
        }
        if !rows.isEmpty {
            problems.append(
                Problem(
                    .failed, "compare tunables", "\(rows.count) differ between nodes",
                    advice: "ctdb tunable set NAME VALUE --node all, and the file ctdb.tunables "
                        + "of every node"))
        }
        return Report(invocation.verb.schema, rows: rows, problems: problems)
    }

    /// Names the nearest tunables when there is none of this name; ctdbd ignores the case.
    private static func known(_ name: String, _ context: Context) throws(Problem) {
        let names = try context.conversation.tunableNames {
            () throws(Problem) in try context.ask(.tunableNames).names
        }
        guard !names.contains(where: { $0.lowercased() == name.lowercased() }) else { return }
        let near = NearestNames.of(name, among: names)
        throw Problem(
            .usage, "tunable", "there is no tunable \"\(CommandParser.shortened(name))\"",
            advice: near.isEmpty
                ? "ctdb tunable list lists them" : "did you mean \(near.alternatives)?"
        )
    }
}
