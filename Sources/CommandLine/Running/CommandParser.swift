// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// Reads words as a command.
struct CommandParser {
    /// What words ask for.
    enum Request {
        /// An explanation of a place in the structure.
        case help(Structure.Place)
        /// A verb with all that it needs.
        case run(Invocation)
        /// A verb whose arguments come in lines.
        case list(Invocation)
        /// A noun, or nothing: what to do comes in lines.
        case commands(path: [String], Settings)
    }

    let structure: Structure

    /// Reads words.
    ///
    /// - Parameters:
    ///   - words: without the name of the program.
    ///   - base: the nouns, or the verb, that are meant already.
    ///   - settings: what was said before.
    /// - Returns: what they ask for.
    /// - Throws: what is wrong with them, and what was perhaps meant.
    func parse(
        _ words: [String], under base: [String] = [], settings: Settings = Settings()
    ) throws(Problem) -> Request {
        var settings = settings
        let plain = plainWords(words)
        let (place, count) = structure.find(plain, from: base)
        switch place {
        case .unknown("help", let after, _): return .help(structure.find(after).place)
        case .unknown(let word, let after, let known):
            throw Self.unknown(word, after: after, known: known)
        case .top, .noun:
            let (rest, given) = try options(words, of: nil, settings: &settings)
            if given["help"] != nil { return .help(place) }
            _ = rest
            if case .noun(_, let path) = place { return .commands(path: path, settings) }
            return .commands(path: [], settings)
        case .verb(let verb, let path):
            let (rest, given) = try options(words, of: verb, settings: &settings)
            if given["help"] != nil { return .help(place) }
            var invocation = Invocation(
                path: path, verb: verb, settings: settings,
                words: base + words)
            invocation.options = given
            if let directory = invocation.text(ifGiven: "run-directory") {
                invocation.settings.runDirectory = directory
            }
            let values = Array(rest.dropFirst(count))
            if values.isEmpty, verb.takesList { return .list(invocation) }
            try take(values, into: &invocation)
            try check(invocation)
            return .run(invocation)
        }
    }

    /// The words that are neither options nor their values, by the options that all verbs have.
    private func plainWords(_ words: [String]) -> [String] {
        var plain: [String] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "--" { return plain + words[index...] }
            guard word.hasPrefix("-"), word.count > 1 else {
                plain.append(word)
                // Behind the verb anything may stand; it does not tell where words lead.
                continue
            }
            if let option = Self.option(word, among: Settings.options), !word.contains("="),
                let value = option.value, !Self.isJoined(word)
            {
                let isCount = index < words.count && words[index].allSatisfy(\.isNumber)
                if !value.isOptional || isCount { index += 1 }
            }
        }
        return plain
    }

    private func options(
        _ words: [String], of verb: Verb?, settings: inout Settings
    ) throws(Problem) -> (rest: [String], given: [String: Argument?]) {
        let known = Settings.options + (verb?.options ?? [])
        var rest: [String] = []
        var given: [String: Argument?] = [:]
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "--" {
                rest += words[index...]
                break
            }
            guard word.hasPrefix("-"), word.count > 1 else {
                rest.append(word)
                continue
            }
            guard let option = Self.option(word, among: known) else {
                throw Self.unknownOption(word, known)
            }
            var text = Self.joined(word)
            if text == nil, let value = option.value, index < words.count,
                !value.isOptional || value.kind.read(words[index]) != nil
            {
                text = words[index]
                index += 1
            }
            let argument = try read(text, of: option)
            if Settings.options.contains(option), option.name != "help" {
                settings.take(option.name, argument)
            } else {
                given[option.name] = .some(argument)
            }
        }
        return (rest, given)
    }

    private func read(_ text: String?, of option: Option) throws(Problem) -> Argument? {
        guard let value = option.value else {
            guard text == nil else {
                throw Problem(.usage, "--\(option.name)", "takes no value")
            }
            return nil
        }
        guard let text else {
            guard value.isOptional else {
                throw Problem(.usage, "--\(option.name)", "needs \(value.kind.expectation)")
            }
            return nil
        }
        guard let argument = value.kind.read(text) else {
            throw Problem(
                .usage, "--\(option.name)",
                "expected \(value.kind.expectation), not \"\(Self.shortened(text))\"")
        }
        return argument
    }

    /// Gives each parameter its words.
    private func take(_ values: [String], into invocation: inout Invocation) throws(Problem) {
        var rest = values[...]
        let what = invocation.path.joined(separator: " ")
        for parameter in invocation.verb.parameters {
            guard !rest.isEmpty else {
                guard parameter.isOptional else {
                    throw Problem(
                        .usage, what, "\(parameter.placeholder) is missing",
                        advice: "usage: \(HelpText.synopsis(invocation.verb, invocation.path))")
                }
                continue
            }
            let count = parameter.isRepeated ? rest.count : 1
            var arguments: [Argument] = []
            for text in rest.prefix(count) {
                guard let argument = parameter.kind.read(text) else {
                    throw Problem(
                        .usage, what,
                        "\(parameter.name.uppercased()): expected \(parameter.kind.expectation), "
                            + "not \"\(Self.shortened(text))\"",
                        advice: "usage: \(HelpText.synopsis(invocation.verb, invocation.path))")
                }
                arguments.append(argument)
            }
            invocation.arguments[parameter.name] = arguments
            rest = rest.dropFirst(count)
        }
        if let extra = rest.first {
            let usage = "usage: \(HelpText.synopsis(invocation.verb, invocation.path))"
            let isNode =
                invocation.verb.scope != .none && rest.count == 1
                && ArgumentKind.nodes.read(extra) != nil
            throw Problem(
                .usage, what, "\"\(Self.shortened(extra))\" is one word too many",
                advice: isNode ? "--node \(extra) asks there; \(usage)" : usage)
        }
    }

    private func check(_ invocation: Invocation) throws(Problem) {
        let what = invocation.path.joined(separator: " ")
        if invocation.settings.watchSeconds != nil, invocation.verb.effect == .changes {
            throw Problem(.usage, what, "--watch is for commands that only look")
        }
        if invocation.settings.nodes != nil, invocation.verb.scope == .none {
            throw Problem(.usage, what, "--node has no meaning here")
        }
    }

    static func option(_ word: String, among options: [Option]) -> Option? {
        if word.hasPrefix("--") {
            let name = word.dropFirst(2).prefix { $0 != "=" }
            return options.first { $0.name == name }
                ?? (name == "color" ? options.first { $0.name == "colour" } : nil)
                ?? (name == "no-color" ? options.first { $0.name == "no-colour" } : nil)
        }
        guard let letter = word.dropFirst().first else { return nil }
        let option = options.first { $0.short == letter }
        return word.count == 2 || option?.value != nil ? option : nil
    }

    private static func isJoined(_ word: String) -> Bool {
        !word.hasPrefix("--") && word.count > 2
    }

    /// The value in `--name=value` and `-nvalue`.
    private static func joined(_ word: String) -> String? {
        if word.hasPrefix("--") {
            return word.firstIndex(of: "=").map { String(word[word.index(after: $0)...]) }
        }
        return word.count > 2 ? String(word.dropFirst(2)) : nil
    }

    private static func unknown(_ word: String, after: [String], known: [String]) -> Problem {
        let near = near(word, among: known)
        let place = after.isEmpty ? "" : after.joined(separator: " ")
        let kind = after.isEmpty ? "noun or command" : "verb"
        if let new = OldCommands.all.first(where: { $0.name == word })?.spelling {
            return Problem(
                .usage, place, "\(word): \(new)", advice: "an old command's new spelling")
        }
        let advice =
            near.isEmpty
            ? "known: \(known.joined(separator: ", "))"
            : "did you mean \(near.alternatives)?"
        return Problem(
            .usage, place, "there is no \(kind) \"\(shortened(word))\"", advice: advice)
    }

    /// What people of other tools type.
    private static let habits = [
        "ls": "list", "nodes": "node list", "ips": "ip list", "addresses": "ip list",
        "address": "ip", "dbs": "db list", "databases": "db list", "database": "db",
        "tunables": "tunable list", "services": "service list", "events": "event status",
        "stages": "stage list", "health": "diagnose", "doctor": "diagnose", "info": "show",
        "rm": "remove", "delete": "remove", "stats": "statistics", "captures": "capture list",
        "logs": "log", "reboot": "shutdown",
    ]

    /// The commands that end in a word which needs something in front of it.
    static func verbs(called word: String, in structure: Structure) -> [String] {
        structure.verbs.filter { $0.path.count == 2 && $0.path.last == word }
            .map { $0.path.joined(separator: " ") }
    }

    /// The names that somebody may have meant.
    static func near(_ word: String, among known: [String]) -> [String] {
        if let meant = habits[word], let first = meant.split(separator: " ").first,
            known.contains(String(first))
        {
            return [meant]
        }
        return NearestNames.of(word, among: known)
    }

    private static func unknownOption(_ word: String, _ known: [Option]) -> Problem {
        let near = NearestNames.of(String(word.drop { $0 == "-" }), among: known.map(\.name))
        return Problem(
            .usage, "", "there is no option \"\(shortened(word))\"",
            advice: word == "--all"
                ? "did you mean --node all?"
                : near.isEmpty
                    ? "--help lists them"
                    : "did you mean \(near.map { "--\($0)" }.alternatives)?")
    }

    /// A word that somebody typed, not longer than an error message should be.
    static func shortened(_ word: String) -> String {
        word.count <= 64 ? word : word.prefix(64) + "…"
    }
}
