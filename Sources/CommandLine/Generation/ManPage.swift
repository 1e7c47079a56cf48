// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// Man pages: ctdb(1) for what all commands have in common, ctdb-NOUN(1) for a noun.
enum ManPage {
    /// The exit codes, for every page and for tests.
    static let exitCodes: [(code: Int32, meaning: String)] = [
        (0, "Everything was done, or answered."),
        (
            1,
            "Something failed: ctdbd refused it, or a check found something. Also: several lines "
                + "of a list failed in different ways."
        ),
        (2, "The command line is wrong; nothing was done."),
        (3, "Some nodes did not answer; the rest of the answer is complete."),
        (4, "There is no connection to the local ctdbd, or to the proxy."),
        (5, "No answer came within the time limit."),
    ]

    static let variables: [(name: String, meaning: String)] = [
        ("CTDB_SOCKET", "ctdbd's client socket."),
        (
            "CTDB_TEST_MODE, CTDB_BASE",
            "With the first one set, the socket is run/ctdbd.socket in the second one."
        ),
        (
            "CTDB_CLI_LEGACY",
            "The program that answers old commands, or native for the built-in one. Not set: the "
                + "installed one, if there is one."
        ),
        ("CTDB_CLI_WRAPPED", "Set for the program that answers old commands, to notice loops."),
        (
            "CTDB_RUN_DIRECTORY",
            "The directory of the sockets of the daemons beside ctdbd, for commands about public "
                + "addresses. Not set: /run/ctdb/tablecloth."
        ),
        (
            "CTDB_HISTORY",
            "Where the prompt keeps its history; empty keeps none. Not set: "
                + "~/.ctdb_history."
        ),
        ("NO_COLOR", "No colour in tables."),
    ]

    private static let description = """
        Talks to the ctdbd of this node, and through it to the other nodes. Questions to several
        nodes go out at once under one time limit; a node that does not answer has a row that
        says so.

        Commands of the older tool, such as ctdb status, mean what they always meant, to the
        byte. ctdb ip, ctdb event, ctdb statistics and ctdb version without one of the verbs
        here are old commands.
        """

    private static let lists = """
        Without a verb, and when standard input is no terminal, commands are read from it, one a
        line, under the noun given. With a verb that needs arguments, and without any, its
        arguments are read, one list a line. Quotes and backslashes keep spaces together; #
        begins a comment.

        A line that fails is reported with its number, and the others are done; the exit code
        says whether all were. --fail-fast ends at the first failure, --dry-run only says what
        would be done. All lines share one connection, and those that are one control are on
        their way together.
        """

    private static let prompt = """
        Without a verb, and when standard input is a terminal, commands are read with history
        and completion. The prompt shows the node and the noun. A noun alone enters it, ..
        leaves it, / leaves all; help and exit do what they say.
        """

    private static let output = """
        A table for people, unless --json or --porcelain is given. With --json, standard output
        has one JSON object a line and nothing else, errors included; its member schema names
        the kind of object and its version.

        With --porcelain, fields are separated by tabs. A report that is one table gives its
        rows; in others, each line begins with the name of the fact or of the table. Flags are 1
        and 0, lists are joined by commas, what is not known is empty; tabs, newlines, control
        characters and backslashes are escaped.
        """

    static func whole(_ structure: Structure) -> String {
        head("ctdb", "look after a cluster of CTDB nodes")
            + section(
                "SYNOPSIS",
                """
                .B ctdb
                .I NOUN
                .RI [ NOUN ]
                .I VERB
                .RI [ ARGUMENTS ]
                .RI [ OPTIONS ]
                .br
                .B ctdb
                .RI [ NOUN ]
                .br
                .B ctdb explain
                .I COMMAND
                """)
            + section(
                "DESCRIPTION",
                paragraphs(description))
            + section(
                "NOUNS",
                structure.nouns.map { noun in
                    item("ctdb \(noun.name)", "\(noun.summary) See ctdb-\(noun.name)(1).")
                }.joined())
            + section(
                "COMMANDS WITHOUT A NOUN", structure.alone.map { verb($0, [$0.name]) }.joined())
            + section(
                "OPTIONS",
                Settings.options.map { option in
                    item(HelpText.spelling(option), option.summary)
                }.joined())
            + section(
                "LISTS",
                paragraphs(lists))
            + section(
                "PROMPT",
                paragraphs(prompt))
            + section(
                "OUTPUT",
                paragraphs(output))
            + section("EXIT STATUS", exitCodes.map { item("\($0.code)", $0.meaning) }.joined())
            + section("ENVIRONMENT", variables.map { item($0.name, $0.meaning) }.joined())
            + section(
                "OLD COMMANDS",
                OldCommands.all.map { entry in
                    let remark = entry.remark.isEmpty ? "" : "; \(entry.remark)"
                    return item("ctdb \(entry.name)", "ctdb \(entry.spelling)\(remark)")
                }.joined())
            + section(
                "SEE ALSO",
                structure.nouns.map { ".BR ctdb-\($0.name) (1)" }.joined(separator: ",\n") + ",\n"
                    + ".BR ctdbd (1),\n.BR ctdb-proxyd (8)\n")
    }

    static func of(_ noun: Noun) -> String {
        var text = head("ctdb-\(noun.name)", lowered(noun.summary))
        let guide = Guide.of(noun.name)
        let about = [noun.summary, guide?.about ?? ""].filter { !$0.isEmpty }
        text += section("DESCRIPTION", paragraphs(about.joined(separator: "\n\n")))
        text += section("COMMANDS", noun.verbs.map { verb($0, [noun.name, $0.name]) }.joined())
        for inner in noun.nouns {
            text += section(
                "CTDB \(noun.name.uppercased()) \(inner.name.uppercased())",
                paragraphs(inner.summary)
                    + inner.verbs.map { verb($0, [noun.name, inner.name, $0.name]) }.joined())
        }
        if let guide {
            text += section(
                "EXAMPLES", guide.examples.map { item($0.line, $0.meaning + ".") }.joined())
        }
        return text
            + section("OPTIONS, OUTPUT AND EXIT STATUS", paragraphs("See ctdb(1)."))
            + section("SEE ALSO", ".BR ctdb (1)\n")
    }

    private static func verb(_ verb: Verb, _ path: [String]) -> String {
        var text = ".TP\n.B \(escaped(HelpText.synopsis(verb, path)))\n\(escaped(verb.summary))\n"
        if !verb.details.isEmpty { text += escaped(verb.details) + "\n" }
        var items = verb.parameters.map { item($0.name.uppercased(), $0.summary) }
        items += verb.options.map { item(HelpText.spelling($0), $0.summary) }
        if verb.schema != .done {
            items += verb.schema.facts.map { item($0.name, $0.summary) }
            for table in verb.schema.tables {
                items.append(
                    item(table.name, "A table; each row has")
                        + ".RS\n" + table.columns.map { item($0.name, $0.summary) }.joined()
                        + ".RE\n")
            }
        }
        return items.isEmpty ? text : text + ".RS\n" + items.joined() + ".RE\n"
    }

    private static func head(_ name: String, _ summary: String) -> String {
        CompletionPlace.head(".\\\"", "\(name).1")
            + ".TH \(name.uppercased()) 1 \"\" \"Tablecloth\" \"User Commands\"\n"
            + ".SH NAME\n\(escaped(name)) \\- \(escaped(summary))\n"
    }

    private static func section(_ title: String, _ body: String) -> String {
        ".SH \(escaped(title))\n\(body.hasSuffix("\n") ? body : body + "\n")"
    }

    /// Paragraphs that blank lines keep apart.
    private static func paragraphs(_ text: String) -> String {
        text.split(separator: "\n\n").map { paragraph in
            paragraph.split(separator: "\n").map { escaped(String($0)) + "\n" }.joined()
        }.joined(separator: ".PP\n")
    }

    private static func item(_ name: String, _ text: String) -> String {
        ".TP\n.B \(escaped(name))\n\(escaped(text.isEmpty ? " " : text))\n"
    }

    /// Text that roff takes as it is.
    private static func escaped(_ text: String) -> String {
        let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
            .replacing("`", with: "")
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }

    private static func lowered(_ text: String) -> String {
        let words = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard let first = words.first, words.dropFirst().first?.isUppercase != true else {
            return words
        }
        return first.lowercased() + words.dropFirst()
    }
}
