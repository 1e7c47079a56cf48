// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Which of the two structures a command line belongs to.
///
/// It is new when its first word that is no option is a noun of the new structure, followed by a
/// verb or an inner noun of it, by `--help`, or by nothing. Where a noun is an old command too, the
/// old meaning is kept for everything that the old tool takes.
public enum Spelling: Equatable, Sendable {
    /// The new structure.
    case new
    /// The legacy tool's.
    case old
    /// Neither: the first word is known to nobody.
    case unknown(String)
    /// There is no word at all.
    case nothing

    /// Options of either spelling that take a value, which is not the first word then.
    private static let longWithValue: Set<String> = [
        "debug", "timelimit", "node", "separator", "maxruntime", "timeout", "socket",
    ]
    private static let onlyNew: Set<String> = [
        "json", "porcelain", "dry-run", "fail-fast", "colour", "no-colour", "color", "no-color",
        "timeout", "socket",
    ]
    private static let shortWithValue: Set<Character> = ["d", "t", "n", "x", "T"]
    /// Old commands that are nouns too, and mean something without a verb.
    private static let both: Set<String> = ["ip", "event", "statistics", "version"]

    /// Looks at a command line.
    ///
    /// - Parameters:
    ///   - words: without the name of the program.
    ///   - structure: the new structure.
    public init(of words: [String], in structure: Structure) {
        if words == ["-h"] || words == ["--version"] {
            self = .new
            return
        }
        let words = Self.withoutOptions(words)
        guard let first = words.plain.first else {
            // Options that the old tool does not have ask for the new one.
            let isNew = words.options.contains { option in
                Self.onlyNew.contains(String(option.dropFirst(2).prefix { $0 != "=" }))
            }
            self = words.options.isEmpty || isNew ? .nothing : .old
            return
        }
        if first == "help"
            || (structure.alone + structure.hidden).contains(where: { $0.name == first })
        {
            self = .new
            return
        }
        guard let noun = structure.nouns.first(where: { $0.name == first }) else {
            self = OldCommands.names.contains(first) ? .old : .unknown(first)
            return
        }
        let rest = Array(words.plain.dropFirst())
        let wantsHelp = words.options.contains("--help") || words.options.contains("-h")
        guard let second = rest.first else {
            self = wantsHelp || !Self.both.contains(first) ? .new : .old
            return
        }
        let isBareEvent = words.options.isEmpty && (rest == ["run"] || rest == ["status"])
        if first == "event", isBareEvent || Self.isOldEvent(rest) {
            self = .old
            return
        }
        // A word that neither knows gets an answer that names what there is, unless the old tool
        // has a meaning for it.
        let isOldToo = Self.both.contains(first)
        self = noun.words.contains(second) || !isOldToo || second != "all" ? .new : .old
    }

    /// The old forms name a component: `run TIMEOUT COMPONENT EVENT...`, `status COMPONENT EVENT`,
    /// `script list COMPONENT`, `script enable COMPONENT SCRIPT`.
    private static func isOldEvent(_ words: [String]) -> Bool {
        switch words[0] {
        case "run": words.count >= 3
        case "status": words.count >= 3
        case "script":
            switch words.dropFirst().first {
            case "list": words.count >= 3
            case "enable", "disable": words.count >= 4
            default: false
            }
        default: false
        }
    }

    static func withoutOptions(_ words: [String]) -> (plain: [String], options: [String]) {
        var plain: [String] = []
        var options: [String] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "--" { return (plain + words[index...], options) }
            guard word.hasPrefix("-"), word.count > 1 else {
                plain.append(word)
                continue
            }
            options.append(word)
            if word.hasPrefix("--") {
                let isCount = index < words.count && words[index].allSatisfy(\.isNumber)
                if longWithValue.contains(String(word.dropFirst(2)))
                    || (word == "--watch" && isCount)
                {
                    index += 1
                }
            } else if let place = word.dropFirst().firstIndex(where: shortWithValue.contains),
                word.index(after: place) == word.endIndex
            {
                // The last of several letters; what follows an earlier one is its value.
                index += 1
            }
        }
        return (plain, options)
    }
}
