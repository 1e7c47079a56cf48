// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb log`: what ctdbd writes to its log.
enum LogVerbs {
    static let noun = Noun("log", "What ctdbd writes to its log.", [], nouns: [level])

    static let level = Noun(
        "level", "How much ctdbd writes to its log.",
        [
            Verb.read(
                "get", "Show how much is logged.",
                schema: Schema(
                    "log.level.get", rows: "nodes",
                    [
                        NodeVerbs.nodeColumn,
                        Column("level", .text, "ERROR, WARNING, NOTICE, INFO or DEBUG"),
                    ])
            ) { context, invocation throws(Problem) in
                try context.perNode(invocation, .logLevel) { _, level in
                    [Row([Describe.logLevel(level)])]
                }
            },
            Verb.control(
                "set", "Set how much is logged.",
                [
                    Parameter(
                        "level", .choice(Describe.logLevels.map(\.name)),
                        "ERROR logs least, DEBUG most")
                ]
            ) { _, invocation throws(Problem) in
                let name = try invocation.text("level")
                let level = Describe.logLevels.first { $0.name == name }?.number ?? 0
                return PlannedControl(.setDebug(level: level))
            },
        ])
}
