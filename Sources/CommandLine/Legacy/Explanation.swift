// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// `ctdb explain`: the new spelling of an old command.
enum Explanation {
    static let schema = Schema(
        "explain", rows: "commands",
        [
            Column("old", .text, "the old command"),
            Column("new", .text, "its new spelling"),
            Column("remark", .text, "what there is to know"),
        ])

    static let verb = Verb.read(
        "explain", "Say how an old command is spelled now.",
        [
            Parameter(
                "command", .text, "the old command; all if not given", isOptional: true,
                isRepeated: true)
        ],
        scope: .none, schema: schema
    ) { _, invocation throws(Problem) in
        let words = invocation.all("command").compactMap {
            if case .text(let word) = $0 { word } else { nil }
        }
        let candidates = words.filter { !$0.hasPrefix("-") && $0 != "ctdb" }
        guard let first = candidates.first else {
            return Report(schema, rows: OldCommands.all.map(row))
        }
        // What stands in front of the command may be the value of an option.
        let found = candidates.lazy.compactMap { word in
            OldCommands.all.first { $0.name == word }
        }
        guard let entry = found.first else {
            let near = NearestNames.of(first, among: OldCommands.all.map(\.name))
            throw Problem(
                .usage, "explain", "there is no old command \"\(CommandParser.shortened(first))\"",
                advice: near.isEmpty
                    ? "ctdb explain lists all"
                    : "did you mean \(near.alternatives)?")
        }
        return Report(schema, rows: [row(entry)])
    }

    private static func row(_ entry: OldCommands.Entry) -> Row {
        Row([
            .text("ctdb \(entry.name)"), .text("ctdb \(entry.spelling)"),
            .text(entry.remark),
        ])
    }
}
