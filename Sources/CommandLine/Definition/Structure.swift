// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// All nouns and verbs: commands, help, completions, man pages and the prompt are made of this.
public struct Structure: Sendable {
    /// The nouns in the order in which help shows them.
    public var nouns: [Noun]
    /// Verbs that need no noun.
    public var alone: [Verb]
    /// Verbs that nobody is told about.
    public var hidden: [Verb]

    /// Makes a structure.
    public init(nouns: [Noun], alone: [Verb] = [], hidden: [Verb] = []) {
        self.nouns = nouns
        self.alone = alone
        self.hidden = hidden
    }

    /// The words that a command line may begin with.
    var words: [String] { nouns.map(\.name) + alone.map(\.name) }

    /// What a row of words leads to.
    public enum Place: Sendable {
        /// The top: there was no word.
        case top
        /// A noun, with its path.
        case noun(Noun, path: [String])
        /// A verb, with its path.
        case verb(Verb, path: [String])
        /// A word that is not known in its place.
        case unknown(word: String, after: [String], known: [String])
    }

    /// Follows words from a noun to a verb; what is behind the verb is left.
    ///
    /// - Returns: where they lead, and how many words lead there.
    public func find(_ words: [String], from base: [String] = []) -> (place: Place, count: Int) {
        var place = Place.top
        var path: [String] = []
        for (index, word) in (base + words).enumerated() {
            let candidates: (nouns: [Noun], verbs: [Verb]) =
                switch place {
                case .top: (nouns, alone + hidden)
                case .noun(let noun, _): (noun.nouns, noun.verbs)
                case .verb, .unknown: ([], [])
                }
            path.append(word)
            if let noun = candidates.nouns.first(where: { $0.name == word }) {
                place = .noun(noun, path: path)
            } else if let verb = candidates.verbs.first(where: { $0.name == word }) {
                return (.verb(verb, path: path), max(0, index + 1 - base.count))
            } else {
                let shown = candidates.verbs.map(\.name).filter { name in
                    !hidden.contains { $0.name == name }
                }
                let known = candidates.nouns.map(\.name) + shown
                return (
                    .unknown(word: word, after: path.dropLast(), known: known),
                    max(0, index - base.count)
                )
            }
        }
        return (place, words.count)
    }

    /// Every verb with its path.
    public var verbs: [(path: [String], verb: Verb)] {
        func collect(_ noun: Noun, _ path: [String]) -> [(path: [String], verb: Verb)] {
            noun.verbs.map { (path + [$0.name], $0) }
                + noun.nouns.flatMap { collect($0, path + [$0.name]) }
        }
        return alone.map { ([$0.name], $0) } + nouns.flatMap { collect($0, [$0.name]) }
    }
}
