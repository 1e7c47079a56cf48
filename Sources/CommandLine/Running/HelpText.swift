// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Explanations for people, made of the structure.
enum HelpText {
    /// How a verb is called.
    static func synopsis(_ verb: Verb, _ path: [String]) -> String {
        let options = verb.options.map { "[\(spelling($0))]" }
        return (["ctdb"] + path + options + verb.parameters.map(\.placeholder))
            .joined(separator: " ")
    }

    /// How an option is spelled.
    static func spelling(_ option: Option) -> String {
        let value =
            option.value.map {
                $0.isOptional
                    ? " [\($0.name.uppercased())]"
                    : " \($0.name.uppercased())"
            } ?? ""
        let short = option.short.map { ", -\($0)" } ?? ""
        return "--\(option.name)\(short)\(value)"
    }

    /// What there is to know about a place.
    static func text(_ place: Structure.Place, _ structure: Structure) -> String {
        switch place {
        case .top, .unknown: top(structure)
        case .noun(let noun, let path): text(noun, path)
        case .verb(let verb, let path): text(verb, path)
        }
    }

    private static func top(_ structure: Structure) -> String {
        """
        usage: ctdb NOUN [NOUN] VERB [ARGUMENTS] [OPTIONS]

        Look after a cluster of CTDB nodes.

        \(columns((structure.alone.map { ($0.name, $0.summary) })
            + structure.nouns.map { ($0.name, $0.summary) }))
        Begin with:
          ctdb diagnose            what is wrong, and what to do
          ctdb cluster status      the nodes, the leader, the recovery mode
          ctdb ip list             public addresses, and who has them
          ctdb NOUN --help         what can be done with a noun
          ctdb explain COMMAND     the new spelling of an old command
          ctdb                     a prompt, with completion, when used at a terminal

        Old commands, such as ctdb status, mean what they always meant; ctdb explain lists them.

        Options of every command:
        \(columns(Settings.options.map { (spelling($0), $0.summary) }))
        """
    }

    private static func text(_ noun: Noun, _ path: [String]) -> String {
        let verbs = noun.verbs.map { verb in
            (
                (path + [verb.name] + verb.parameters.map(\.placeholder)).joined(separator: " "),
                verb.summary
            )
        }
        let nouns = noun.nouns.flatMap { inner in
            inner.verbs.map { verb in
                (
                    (path + [inner.name, verb.name] + verb.parameters.map(\.placeholder))
                        .joined(separator: " "), verb.summary
                )
            }
        }
        let guide = path.count == 1 ? Guide.of(noun.name) : nil
        let about = guide.map { $0.about.isEmpty ? "" : "\n\(wrapped($0.about))\n" } ?? ""
        let examples =
            guide.map {
                "Examples:\n" + columns($0.examples.map { ($0.line, $0.meaning) }, most: 48) + "\n"
            } ?? ""
        return """
            usage: ctdb \(path.joined(separator: " ")) VERB [ARGUMENTS] [OPTIONS]

            \(noun.summary)
            \(about)
            \(columns(verbs + nouns))
            \(examples)ctdb \(path.joined(separator: " ")) VERB --help explains a verb.

            """
    }

    /// Text in lines of at most 79 characters.
    private static func wrapped(_ text: String) -> String {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= 79 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ verb: Verb, _ path: [String]) -> String {
        var text = "usage: \(synopsis(verb, path))\n\n\(verb.summary)\n"
        if !verb.details.isEmpty { text += "\n\(wrapped(verb.details))\n" }
        if !verb.parameters.isEmpty {
            text += "\nArguments:\n"
            text += columns(verb.parameters.map { ($0.name.uppercased(), $0.summary) })
        }
        text += "\nOptions:\n"
        text += columns((verb.options + Settings.options).map { (spelling($0), $0.summary) })
        let facts = verb.schema.facts.map { ($0.name, $0.summary) }
        if !facts.isEmpty { text += "\nAnswers:\n" + columns(facts) }
        for table in verb.schema.tables {
            text += "\nColumns of \(table.name):\n"
            text += columns(table.columns.map { ($0.name, $0.summary) })
        }
        return text
    }

    /// Pairs in two columns; the second begins below when the first is too long.
    static func columns(_ pairs: [(String, String)], most: Int = 28) -> String {
        let width = min(most, pairs.map(\.0.count).max() ?? 0)
        return pairs.map { left, right in
            guard left.count <= width else {
                return "  \(left)\n\(String(repeating: " ", count: width + 4))\(right)\n"
            }
            return "  \(left)\(String(repeating: " ", count: width - left.count + 2))\(right)\n"
        }.joined()
    }
}
