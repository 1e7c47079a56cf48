// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import LegacyClient
import LegacyWire
import Presentation
import Sockets
import Vocabulary

/// What may stand at the end of a line that is not finished yet.
final class Completer {
    /// What fits.
    struct Answer: Equatable {
        /// What all that fit begin with, beyond what was typed; with a space when only one does.
        var insertion = ""
        /// All words that fit.
        var candidates: [String] = []
    }

    private let structure: Structure
    private let conversation: Conversation
    private let settings: Settings

    init(_ structure: Structure, _ conversation: Conversation, _ settings: Settings) {
        self.structure = structure
        self.conversation = conversation
        // Nobody wants to wait for a completion.
        var quick = settings
        quick.timeoutSeconds = 1
        self.settings = quick
    }

    /// Completes the part of a line in front of the cursor.
    func complete(_ line: String, under base: [String]) -> Answer {
        var words = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        let last = line.isEmpty || line.hasSuffix(" ") ? "" : words.popLast() ?? ""
        let fitting = candidates(after: words, under: base, word: last)
            .filter { $0.hasPrefix(last) }
        guard let first = fitting.first else { return Answer() }
        if fitting.count == 1 {
            // A folder and an address go on.
            let goesOn = first.hasSuffix("/") || first.hasSuffix(":")
            return Answer(
                insertion: first.dropFirst(last.count) + (goesOn ? "" : " "), candidates: fitting)
        }
        let shared = fitting.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        return Answer(insertion: String(shared.dropFirst(last.count)), candidates: fitting)
    }

    /// The words that may follow, whatever they begin with.
    func candidates(after words: [String], under base: [String], word: String) -> [String] {
        let (place, count) = structure.find(words.filter { !$0.hasPrefix("-") }, from: base)
        let verb: Verb? = if case .verb(let verb, _) = place { verb } else { nil }
        let options = Settings.options + (verb?.options ?? [])
        if let previous = words.last, previous.hasPrefix("-"),
            let value = CommandParser.option(previous, among: options)?.value
        {
            return names(of: value.kind, word)
        }
        if word.hasPrefix("-") { return options.map { "--\($0.name)" } }
        switch place {
        case .top: return structure.words + (base.isEmpty ? ["help", "exit"] : [])
        case .noun(let noun, let path):
            return noun.words + (path == base ? ["help", "exit", ".."] : [])
        case .unknown: return []
        case .verb(let verb, _):
            let given = words.filter { !$0.hasPrefix("-") }.count - count
            let places = verb.parameters
            guard let parameter = given < places.count ? places[given] : places.last,
                given < places.count || parameter.isRepeated
            else { return [] }
            return names(of: parameter.kind, word)
        }
    }

    /// The names that there are of a kind; those of the cluster are asked for.
    func names(of kind: ArgumentKind, _ word: String = "") -> [String] {
        switch kind {
        case .choice(let words): words
        case .node: nodes()
        case .nodes: nodes() + ["all"]
        case .address, .network: addresses()
        case .endpoint: addresses().map { $0.contains(":") ? "[\($0)]:" : "\($0):" }
        case .database: databases()
        case .tunable: ask(.tunableNames)?.names.sorted() ?? []
        case .interface: ask(.interfaces)?.interfaces.map(\.name) ?? []
        case .script:
            ((try? EventScriptVerbs.Folders("legacy", context).scripts()) ?? []).map(\.name)
        case .file: files(word)
        case .number, .text: []
        }
    }

    /// The paths that begin with a word; folders end in a slash.
    private func files(_ word: String) -> [String] {
        let folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
        return Program.names(in: folder.isEmpty ? "." : folder).map { name in
            folder + name + (Folder.isFolder(folder + name) ? "/" : "")
        }
    }

    private func ask<Answer>(_ query: LegacyQuery<Answer>) -> Answer? {
        try? context.ask(query)
    }

    private var context: Context { Context(conversation, .silent, settings) }

    private func nodes() -> [String] {
        ((try? context.nodes()) ?? []).map { "\($0.pnn)" }
    }

    private func addresses() -> [String] {
        ask(.publicIPs(onlyAvailable: false))?.addresses.map(\.address.text) ?? []
    }

    private func databases() -> [String] {
        guard let map = ask(.databaseMap), let session = try? context.session() else { return [] }
        let questions = map.databases.map {
            LegacySession.Question<String>(.databaseName($0.id), of: session.pnn)
        }
        return session.ask(questions, within: context.rest).compactMap { try? $0.get() }.sorted()
    }
}

extension Surroundings {
    /// For what shows nothing by itself.
    static var silent: Surroundings {
        Surroundings(
            output: { _ in true }, error: { _ in }, input: { [] })
    }
}

extension String {
    /// What two texts begin with.
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
