// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The completion for fish.
enum FishCompletion {
    static func text(_ structure: Structure) -> String {
        let places = CompletionPlace.all(structure)
        var lines: [String] = []
        for option in Settings.options { lines.append(line(option, nil)) }
        for place in places {
            let path = place.path.joined(separator: " ")
            for word in place.words {
                lines.append(
                    "complete -c ctdb -n \"__ctdb_at '\(path)' 0\" -a \(quoted(word.name)) "
                        + "-d \(quoted(word.summary))")
            }
            for (index, parameter) in place.parameters.enumerated() {
                guard let source = arguments(parameter.kind) else { continue }
                let test = parameter.isRepeated ? "__ctdb_from" : "__ctdb_at"
                lines.append(
                    "complete -c ctdb -n \"\(test) '\(path)' \(index)\" -a \(source) "
                        + "-d \(quoted(parameter.summary))")
            }
            for option in place.options { lines.append(line(option, path)) }
        }
        let cases = places.filter { !$0.words.isEmpty }.map { place in
            "        case '\(place.path.joined(separator: " "))'\n            "
                + "contains -- $argv[2] \(place.words.map(\.name).joined(separator: " "))\n"
        }
        let valued = CompletionPlace.valued(Settings.options + places.flatMap(\.options))
            .flatMap(\.spellings)
        return CompletionPlace.head("#", "ctdb.fish")
            + """

            # Whether word 2 may follow the nouns in word 1.
            function __ctdb_follows
                switch $argv[1]
            \(cases.joined())        case '*'
                        false
                end
            end

            # Prints the nouns and the verb in front of the cursor, then the number of arguments.
            function __ctdb_where
                set -l place
                set -l given 0
                set -l skip 0
                for word in (commandline -opc)[2..]
                    if test $skip = 1
                        set skip 0
                    else if contains -- $word \(Set(valued).sorted().joined(separator: " "))
                        set skip 1
                    else if string match -q -- '-*' $word
                        continue
                    else if __ctdb_follows "$place" $word
                        test $word = help; or set place (string trim -- "$place $word")
                    else
                        set given (math $given + 1)
                    end
                end
                echo "$place"
                echo $given
            end

            # Whether the cursor is at argument 2 of the place in argument 1.
            function __ctdb_at
                set -l here (__ctdb_where)
                test "$here[1]" = "$argv[1]" -a "$here[2]" = "$argv[2]"
            end

            # Whether the cursor is at that argument, or behind it.
            function __ctdb_from
                set -l here (__ctdb_where)
                test "$here[1]" = "$argv[1]" -a "$here[2]" -ge "$argv[2]"
            end

            # Whether the verb in argument 1 is in front of the cursor.
            function __ctdb_in
                test "(__ctdb_where)[1]" = "$argv[1]"
            end

            complete -c ctdb -f
            \(lines.joined(separator: "\n"))

            """.replacing("\"(__ctdb_where)[1]\"", with: "(__ctdb_where)[1]")
    }

    private static func line(_ option: Option, _ path: String?) -> String {
        let place = path.map { " -n \"__ctdb_in '\($0)'\"" } ?? ""
        let short = option.short.map { " -s \($0)" } ?? ""
        var value = ""
        if let parameter = option.value, !parameter.isOptional {
            value = parameter.kind == .file ? " -r -F" : " -x"
            if let source = arguments(parameter.kind) { value += " -a \(source)" }
        }
        return "complete -c ctdb\(place)\(short) -l \(option.name)\(value) "
            + "-d \(quoted(option.summary))"
    }

    private static func arguments(_ kind: ArgumentKind) -> String? {
        let source = CompletionPlace.source(kind)
        if source == "-" { return nil }
        if source == "@file" { return "\"(__fish_complete_path)\"" }
        if source.hasPrefix("@") { return "\"(ctdb complete \(source.dropFirst()) 2>/dev/null)\"" }
        return quoted(source.split(separator: ",").joined(separator: " "))
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
