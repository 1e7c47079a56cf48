// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Which of the two structures a command line belongs to.
///
/// What the legacy tool takes is old, and means what it always meant. What it refuses is new where
/// the new structure has a use or an answer for it:
///
/// | the first word that is no option | then |
/// |---|---|
/// | none, but options | old; new for `-h`, `--version`, and options that only the new one has |
/// | none at all | a prompt; lines of standard input; old when there are none |
/// | `ip`, `event`, `statistics` or `version` | old, but for a verb, a noun inside or help |
/// | another noun, or a new command | new |
/// | a command of the legacy tool, of any release | old |
/// | anything else | refused with near names; old with an option that only the legacy tool has |
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
        "timeout", "socket", "watch",
    ]
    private static let onlyOld: Set<String> = [
        "debug", "timelimit", "separator", "maxruntime", "verbose", "usage",
    ]
    private static let shortWithValue: Set<Character> = ["d", "t", "n", "x", "T"]
    private static let shortOnlyOld: Set<Character> = ["d", "x", "X", "Y", "v", "T", "?"]
    /// Old commands that are nouns too, and mean something without a verb.
    private static let both: Set<String> = ["ip", "event", "statistics", "version"]

    /// Looks at a command line.
    ///
    /// - Parameters:
    ///   - words: without the name of the program.
    ///   - structure: the new structure.
    ///   - hasEventHelper: whether the environment names a program for `event`, which then may
    ///     take anything.
    public init(of words: [String], in structure: Structure, hasEventHelper: Bool = false) {
        if words == ["-h"] || words == ["--version"] {
            self = .new
            return
        }
        let words = Self.withoutOptions(words)
        let hasNew = words.options.contains { Self.isLong($0, among: Self.onlyNew) }
        let hasOld = words.options.contains(where: Self.isOnlyOld)
        guard let first = words.plain.first else {
            self = words.options.isEmpty || hasNew ? .nothing : .old
            return
        }
        let alone = structure.alone + structure.hidden
        if first == "help" || alone.contains(where: { $0.name == first }) {
            self = .new
            return
        }
        guard let noun = structure.nouns.first(where: { $0.name == first }) else {
            let isOld = OldCommands.names.contains(first) || hasOld
            self = isOld || OldCommands.ofOtherReleases.contains(first) ? .old : .unknown(first)
            return
        }
        guard Self.both.contains(first) else {
            self = .new
            return
        }
        let rest = Array(words.plain.dropFirst())
        if words.options.contains("--help") || words.options.contains("-h") {
            self = .new
        } else if first == "event", Self.isOldEvent(rest) || (hasEventHelper && !hasNew) {
            self = .old
        } else if let second = rest.first {
            let isOld = first == "version" || second == "all" || hasOld
            self = isOld && !noun.words.contains(second) ? .old : .new
        } else {
            self = .old
        }
    }

    private static func isLong(_ option: String, among names: Set<String>) -> Bool {
        option.hasPrefix("--") && names.contains(String(option.dropFirst(2).prefix { $0 != "=" }))
    }

    private static func isOnlyOld(_ option: String) -> Bool {
        isLong(option, among: onlyOld)
            || !option.hasPrefix("--") && option.dropFirst().contains(where: shortOnlyOld.contains)
    }

    /// The old forms name a component: `run TIMEOUT COMPONENT EVENT...`, `status COMPONENT EVENT`,
    /// `script list COMPONENT`, `script enable COMPONENT SCRIPT`.
    private static func isOldEvent(_ words: [String]) -> Bool {
        switch words.first {
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
