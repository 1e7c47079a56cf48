// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import Presentation

/// One line of a list on standard input.
package enum ListLine {
    /// The words of a line.
    ///
    /// - Parameter line: the line.
    /// - Returns: the words; none for an empty line, and for a comment.
    /// - Throws: that it is too long, no text, or has a quote without an end.
    static func words(of line: LineSplitter.Line) throws(Problem) -> [String] {
        switch line.content {
        case .text(let text): return try Words.split(text)
        case .tooLong(let count):
            throw Problem(
                .usage, "", "a line of \(count) bytes; the limit is \(LineSplitter.lineLimit)")
        case .notText: throw Problem(.usage, "", "the line is not UTF-8")
        }
    }

    /// The words of a line that can be run under a noun or a verb.
    ///
    /// - Parameters:
    ///   - line: the line.
    ///   - base: the nouns, or the verb, that are meant already.
    /// - Returns: the words; nil for a line that is not read, or asks for something that is not
    ///   there.
    package static func request(
        of line: LineSplitter.Line, under base: [String] = []
    ) -> [String]? {
        do throws(Problem) {
            let words = try words(of: line)
            _ = try CommandParser(structure: .ctdb).parse(words, under: base)
            return words
        } catch {
            return nil
        }
    }
}
