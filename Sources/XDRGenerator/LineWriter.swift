// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A call or a parameter list that can be broken into lines.
struct Call {
    var opening: String
    var items: [String]
    var closing: String

    init(_ opening: String, _ items: [String], _ closing: String = ")") {
        self.opening = opening
        self.items = items
        self.closing = closing
    }

    /// All on one line.
    var text: String { opening + items.joined(separator: ", ") + closing }
}

/// Collects lines of Swift at the depth of the braces around them.
struct LineWriter {
    /// The longest line that the formatter allows.
    static let width = 100

    private(set) var text = ""
    private var depth = 0

    /// Writes one line; an empty one has no white space.
    mutating func line(_ content: String = "") {
        if !content.isEmpty { text += String(repeating: " ", count: depth * 4) + content }
        text += "\n"
    }

    /// Writes lines between an opening line that ends in a brace and the closing brace.
    mutating func block<Failure: Error>(
        _ opening: String, _ body: (inout LineWriter) throws(Failure) -> Void
    ) throws(Failure) {
        line(opening + " {")
        try nested(body)
        line("}")
    }

    /// Writes a call on one line or, where that is too long, with its items on lines of their own.
    mutating func call(_ call: Call, after prefix: String = "", before suffix: String = "") {
        let single = prefix + call.text + suffix
        guard depth * 4 + single.count > Self.width else { return line(single) }
        line(prefix + call.opening)
        nested { writer in
            let items = call.items.joined(separator: ", ")
            if writer.depth * 4 + items.count + call.closing.count + suffix.count <= Self.width {
                writer.line(items + call.closing + suffix)
            } else {
                for (index, item) in call.items.enumerated() {
                    let isLast = index + 1 == call.items.count
                    writer.line(item + (isLast ? call.closing + suffix : ","))
                }
            }
        }
    }

    /// Writes a call whose arguments are calls, each on a line of its own unless all fit on one.
    mutating func call(_ opening: String, _ arguments: [(label: String, value: Call)]) {
        let items = arguments.map { $0.label + $0.value.text }
        let single = Call(opening, items).text
        if depth * 4 + single.count <= Self.width { return line(single) }
        line(opening)
        nested { writer in
            for (index, argument) in arguments.enumerated() {
                let suffix = index + 1 < arguments.count ? "," : ")"
                writer.call(argument.value, after: argument.label, before: suffix)
            }
        }
    }

    /// Writes the head of a function, its parameters on lines of their own where they are many.
    mutating func parameters(_ opening: String, _ items: [String]) {
        let single = Call(opening, items, ") {").text
        guard depth * 4 + single.count > Self.width else { return line(single) }
        line(opening)
        nested { writer in
            for (index, item) in items.enumerated() {
                writer.line(item + (index + 1 < items.count ? "," : ""))
            }
        }
        line(") {")
    }

    /// Writes lines one step further to the right.
    mutating func nested<Failure: Error>(
        _ body: (inout LineWriter) throws(Failure) -> Void
    ) throws(Failure) {
        depth += 1
        try body(&self)
        depth -= 1
    }

    /// Writes documentation: the first sentence by itself, then the rest.
    mutating func documentation(_ paragraphs: [String], otherwise summary: String) {
        let first = paragraphs.first ?? summary
        let (sentence, rest) = Self.firstSentence(first)
        var all = [sentence]
        if !rest.isEmpty { all.append(rest) }
        all += paragraphs.dropFirst()
        for (index, paragraph) in all.enumerated() {
            if index > 0 { line("///") }
            comment(paragraph, mark: "///")
        }
    }

    /// Writes a paragraph behind comment marks, in lines that fit.
    mutating func comment(_ paragraph: String, mark: String) {
        var current = mark
        for word in paragraph.split(separator: " ") {
            if current.count + 1 + word.count + depth * 4 > Self.width, current != mark {
                line(current)
                current = mark
            }
            current += " " + word
        }
        line(current)
    }

    /// Cuts behind the first full stop that ends a sentence, and adds one where there is none.
    private static func firstSentence(_ text: String) -> (sentence: String, rest: String) {
        let words = text.split(separator: " ")
        let end = words.firstIndex { $0.hasSuffix(".") || $0.hasSuffix(".)") }
        guard let end, end + 1 < words.count else {
            let sentence = words.joined(separator: " ")
            return (sentence.hasSuffix(".") ? sentence : sentence + ".", "")
        }
        return (
            words[...end].joined(separator: " "), words[(end + 1)...].joined(separator: " ")
        )
    }
}
