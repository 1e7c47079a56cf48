// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// Verbs for packages and for shells, not for people.
enum GenerateVerb {
    private static let nothing = Schema("nothing")

    /// `ctdb generate`: completions, man pages and the description of the output.
    static let generate = Verb.read(
        "generate", "Write a file that is made of the definitions of all commands.",
        [Parameter("file", .text, "which one; all names if not given", isOptional: true)],
        scope: .none, schema: nothing
    ) { context, invocation throws(Problem) in
        let names = Generated.names(context.structure)
        guard let name = invocation.text(ifGiven: "file") else {
            _ = context.surroundings.output(names.joined(separator: "\n") + "\n")
            return Report(nothing)
        }
        guard let text = Generated.text(name, context.structure) else {
            throw Problem(
                .usage, "generate", "there is no such file",
                advice: names.joined(separator: ", "))
        }
        // A file is written as it is, not as a report.
        _ = context.surroundings.output(text)
        return Report(nothing)
    }

    /// `ctdb complete`: the names of the cluster that a shell completes a word with.
    static let complete = Verb.read(
        "complete", "Write the names that there are of a kind, one a line.",
        [Parameter("kind", .text, "such as node or database")],
        scope: .none, schema: nothing
    ) { context, invocation throws(Problem) in
        let completer = Completer(context.structure, context.conversation, context.settings)
        let kind = CompletionPlace.kind(try invocation.text("kind"))
        let names = kind.map { completer.names(of: $0) } ?? []
        _ = context.surroundings.output(names.map { Plain.line($0) + "\n" }.joined())
        return Report(nothing)
    }
}
