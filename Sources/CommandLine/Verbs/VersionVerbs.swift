// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import Presentation

/// `ctdb version`: of this program, and of what runs on the nodes.
enum VersionVerbs {
    /// The version of this program.
    static let version = "0.1"

    static let noun = Noun("version", "Versions of this program, and of what runs.", [show, list])

    static let show = Verb.read(
        "show", "Show the version of this program, and what answers old commands.",
        scope: .none,
        schema: Schema(
            "version.show",
            facts: [
                Column("version", .text, "of this program"),
                Column("legacy_tool", .text, "what answers old commands; `native` is built in"),
                Column("legacy_controls", .text, "the version of ctdbd whose controls are known"),
            ])
    ) { context, invocation throws(Problem) in
        let choice = try Wrapped.choose(
            variable: context.surroundings.variable, process: Program.number,
            own: Program.ownIdentity, identity: Program.identity)
        let tool: String = if case .program(let path) = choice { path } else { "native" }
        return Report(
            invocation.verb.schema, facts: [.text(version), .text(tool), .text("4.17")])
    }

    static let list = Verb.read(
        "list", "List the versions of what runs on the nodes.", options: [ProxyVerbs.directory],
        scope: .everyNode,
        schema: Schema(
            "version.list", rows: "nodes",
            [
                NodeVerbs.nodeColumn,
                Column("ctdbd", .text, "the release of its ctdbd; none if nobody can tell"),
                Column("proxy", .text, "its proxy; none if it has none"),
                Column("daemons", .objects, "`function` and `version` of each daemon there"),
            ]),
        details: "The local ctdbd's program says its release; those of other nodes are known to "
            + "their proxies only. A row says why something is not known."
    ) { context, invocation throws(Problem) in
        let nodes = try context.targets(.everyNode)
        let software = try Software.ask(
            nodes, context, directory: ProxyVerbs.directory(invocation),
            within: min(context.rest, .seconds(3)))
        let rows = software.map { found in
            var why: String?
            if case .unknown(let text) = found.ctdbd { why = "ctdbd: \(text)" }
            return Row(
                [
                    Describe.node(found.node), Value(found.ctdbd.text), Value(found.proxy.text),
                    .list(
                        found.daemons.map { daemon in
                            .object([
                                Field("function", .text("\(daemon.function)")),
                                Field("version", Value(daemon.version.text)),
                            ])
                        }),
                ], problem: why)
        }
        let away = software.filter { $0.ctdbd == Software.disconnected }.map { found in
            Problem(
                .incomplete, node: found.node.rawValue, "ask", "the node is disconnected",
                advice: "look at its ctdbd and at the network")
        }
        return Report(invocation.verb.schema, rows: rows, problems: away)
    }
}
