// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import Presentation

/// `ctdb version`: of this program, and of what it works with.
enum VersionVerbs {
    /// The version of this program.
    static let version = "0.1"

    static let noun = Noun("version", "The version of this program.", [show])

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
}
