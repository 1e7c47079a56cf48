// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import Presentation

/// Where the program `ctdb` begins.
public enum Entry {
    /// Runs the command line of this process.
    ///
    /// - Returns: the exit code.
    public static func run() -> Int32 {
        let words = Array(Program.arguments.dropFirst())
        // The old tool gets the signals as they were.
        let surroundings = Surroundings.process()
        if spelling(words, surroundings) != .old { Program.endWhenNobodyReads() }
        return run(words, surroundings, damaged: Program.damagedArguments)
    }

    /// Runs a command line; an old one ends this process, or is run by its own code.
    ///
    /// - Parameters:
    ///   - words: without the name of the program.
    ///   - surroundings: streams and environment.
    ///   - damaged: which arguments are no UTF-8, counted from 1.
    /// - Returns: the exit code.
    package static func run(
        _ words: [String], _ surroundings: Surroundings, damaged: [Int] = []
    ) -> Int32 {
        let structure = Structure.ctdb
        var surroundings = surroundings
        var spelling = spelling(words, surroundings)
        if words.isEmpty, !surroundings.isInputTerminal {
            // Whoever calls the old tool with nothing gets its usage; a list has lines.
            let first = surroundings.input()
            if first.isEmpty { spelling = .old }
            surroundings = surroundings.rereading(first)
        }
        var words = words
        if spelling == .old {
            guard let new = OldCommands.respelled(words) else { return old(words, surroundings) }
            words = new
        }
        let code =
            refusal(damaged, words, surroundings)
            ?? run(words, as: spelling == .old ? .new : spelling, structure, surroundings)
        if let trouble = surroundings.outputTrouble() {
            surroundings.error("ctdb: write to standard output: \(trouble)\n")
            return Problem.Kind.failed.rawValue
        }
        return code
    }

    private static func spelling(_ words: [String], _ surroundings: Surroundings) -> Spelling {
        Spelling(
            of: words, in: .ctdb,
            hasEventHelper: surroundings.variable("CTDB_EVENT_HELPER")?.isEmpty == false)
    }

    /// The exit code when bytes that are no text would be taken for other bytes.
    private static func refusal(
        _ damaged: [Int], _ words: [String], _ surroundings: Surroundings
    ) -> Int32? {
        guard let first = damaged.first else { return nil }
        let word = words.indices.contains(first - 1) ? words[first - 1] : ""
        var advice: String?
        let plain = words.filter { !$0.hasPrefix("-") }
        if case .verb(let verb, _) = Structure.ctdb.find(plain).place,
            verb.options.contains(where: { $0.name == "hex" })
        {
            advice = "--hex takes any bytes, in hexadecimal"
        }
        let problem = Problem(
            .usage, "argument \(first)",
            "\"\(CommandParser.shortened(word))\" is not UTF-8", advice: advice)
        tell(problem, words, surroundings)
        return problem.kind.rawValue
    }

    private static func tell(
        _ problem: Problem, _ words: [String], _ surroundings: Surroundings
    ) {
        if words.contains("--json") {
            _ = surroundings.output(JSONText.render(problem) + "\n")
        } else {
            surroundings.error("ctdb: \(problem)\n")
        }
    }

    private static func run(
        _ words: [String], as spelling: Spelling, _ structure: Structure,
        _ surroundings: Surroundings
    ) -> Int32 {
        switch spelling {
        case .old: return old(words, surroundings)
        case .new: return Runner(structure, surroundings).run(rewritten(words))
        case .nothing:
            return Runner(structure, surroundings).run(words)
        case .unknown(let word):
            let known = structure.words + OldCommands.all.map(\.name)
            // A verb alone: it needs a noun.
            let verbs = CommandParser.verbs(called: word, in: structure)
            let near =
                verbs.isEmpty ? CommandParser.near(word, among: known + ["help"]) : verbs
            let problem = Problem(
                .usage, "", "there is no command \"\(CommandParser.shortened(word))\"",
                advice: near.isEmpty
                    ? "ctdb help says what there is"
                    : "did you mean \(near.alternatives)? ctdb help says what there is"
            )
            tell(problem, words, surroundings)
            return problem.kind.rawValue
        }
    }

    /// `help WORDS` is `WORDS --help`; the options of a command to be explained are its own.
    private static func rewritten(_ words: [String]) -> [String] {
        switch words.first {
        case "--version": return ["version", "show"]
        case "help": return words.dropFirst() + ["--help"]
        case "explain":
            let (own, rest) = explained(words.dropFirst())
            return ["explain"] + own + ["--"] + rest
        default: return words
        }
    }

    /// Which words of `explain` are its own; the rest is what it is to explain.
    private static func explained(_ words: ArraySlice<String>) -> (own: [String], rest: [String]) {
        var own: [String] = []
        var rest: [String] = []
        for word in words {
            // Only what the old tool does not have can be meant for this program.
            let isOwn = Settings.options.contains { option in
                let name = "--\(option.name)"
                return (option.value?.isOptional ?? true)
                    && (word == name || word.hasPrefix(name + "="))
            }
            let isCount = own.last == "--watch" && !word.isEmpty && word.allSatisfy(\.isNumber)
            if isOwn || isCount || word == "-h" {
                own.append(word)
            } else {
                rest.append(word)
            }
        }
        return (own, rest)
    }

    private static func old(_ words: [String], _ surroundings: Surroundings) -> Int32 {
        let variable = surroundings.variable
        let command = Spelling.withoutOptions(words).plain
        if Native.isNeeded(for: command, variable: variable) {
            return Native.run(command, variable: variable)
        }
        do throws(Problem) {
            let choice = try Wrapped.choose(
                variable: surroundings.variable, process: Program.number, own: Program.ownIdentity,
                identity: Program.identity)
            guard case .program(let path) = choice else {
                return Native.run(command, variable: variable)
            }
            Program.setVariable(
                Wrapped.marker,
                Wrapped.mark(variable: surroundings.variable, process: Program.number))
            let number = Program.become(path)
            throw Problem(.failed, "run \(path)", Program.reason(number))
        } catch {
            surroundings.error("ctdb: \(error)\n")
            return error.kind.rawValue
        }
    }
}
