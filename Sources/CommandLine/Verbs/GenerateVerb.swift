// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// `ctdb generate`: completions, man pages and the description of the output, for the package.
enum GenerateVerb {
    static let verb = Verb.read(
        "generate", "Write a file that is made of the definitions of all commands.",
        [Parameter("file", .choice(Generated.names), "which one")],
        scope: .none, schema: Schema("generate", facts: [Column("text", .text, "the file")])
    ) { context, invocation throws(Problem) in
        // A file is written as it is, not as a report.
        _ = context.surroundings.output(
            Generated.text(try invocation.text("file"), context.structure))
        return Report(Schema("generate"))
    }
}
