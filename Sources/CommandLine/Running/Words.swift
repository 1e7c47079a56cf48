// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// A line as the words that a shell would make of it, without expansions.
enum Words {
    /// Cuts a line at spaces and tabs; quotes and backslashes keep them; `#` begins a comment.
    static func split(_ line: String) throws(Problem) -> [String] {
        var words: [String] = []
        var word: String.UnicodeScalarView?
        var quote: Unicode.Scalar?
        var isEscaped = false
        for scalar in line.unicodeScalars {
            if isEscaped {
                word = (word ?? .init()) + [scalar]
                isEscaped = false
            } else if scalar == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if scalar == open { quote = nil } else { word?.append(scalar) }
            } else if scalar == "'" || scalar == "\"" {
                quote = scalar
                word = word ?? .init()
            } else if scalar == " " || scalar == "\t" {
                if let done = word { words.append(String(done)) }
                word = nil
            } else if scalar == "#", word == nil {
                break
            } else if word == nil {
                word = .init([scalar])
            } else {
                word?.append(scalar)
            }
        }
        guard quote == nil, !isEscaped else {
            throw Problem(.usage, "", "a quote or a backslash at the end of the line is open")
        }
        if let done = word { words.append(String(done)) }
        return words
    }

    /// Words as a line that `split` takes apart again.
    static func join(_ words: [String]) -> String {
        words.map { word in
            let isPlain =
                !word.isEmpty
                && word.utf8.allSatisfy {
                    $0 > 0x20 && $0 < 0x7F && !Array("\"'\\#$`&;|<>()*?[]{}!~".utf8).contains($0)
                }
            guard !isPlain else { return word }
            return "'"
                + word.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "'\\''") + "'"
        }.joined(separator: " ")
    }
}

extension [String] {
    /// The texts as a choice: "a", "a or b", "a, b or c".
    var alternatives: String {
        guard count > 1, let last else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}
