// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A comment and the lines it covers.
struct Comment: Equatable, Sendable {
    /// The lines without the marks around them.
    var lines: [String]
    var firstLine: Int
    var lastLine: Int
}

/// The smallest piece of an `.x` file.
struct Token: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case identifier(String)
        case number(Int128, isHexadecimal: Bool)
        case punctuation(Character)
        case end
    }

    var kind: Kind
    var location: SourceLocation
    /// The comments between this token and the one in front of it.
    var leading: [Comment] = []
    /// The comment that follows on the same line.
    var trailing: Comment?

    /// How an error message calls it.
    var name: String {
        switch kind {
        case .identifier(let name): "'\(name)'"
        case .number(let value, _): "'\(value)'"
        case .punctuation(let character): "'\(character)'"
        case .end: "the end of the file"
        }
    }
}

/// Cuts an `.x` file into tokens; comments hang on the tokens beside them.
///
/// Lines that begin with `%` or `#` are meant for C and passed over.
///
/// - Source: RFC 4506, section 6.1 and 6.2.
struct Lexer {
    private let bytes: [UInt8]
    private let file: String
    private var index = 0
    private var line = 1
    private var lineStart = 0
    private var tokens: [Token] = []
    private var comments: [Comment] = []

    /// The tokens of a text, the last of them `.end`.
    static func tokens(of text: String, file: String) throws(GeneratorError) -> [Token] {
        var lexer = Lexer(text, file: file)
        while try lexer.readToken() {}
        return lexer.tokens
    }

    private init(_ text: String, file: String) {
        bytes = [UInt8](text.utf8)
        self.file = file
    }

    private var location: SourceLocation {
        SourceLocation(file: file, line: line, column: index - lineStart + 1)
    }

    private func byte(_ distance: Int = 0) -> UInt8? {
        index + distance < bytes.count ? bytes[index + distance] : nil
    }

    private mutating func advance() {
        if bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        index += 1
    }

    /// Reads what comes next; false behind the end.
    private mutating func readToken() throws(GeneratorError) -> Bool {
        guard let first = byte() else {
            append(.end, at: location)
            return false
        }
        switch first {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            advance()
        case UInt8(ascii: "%") where index == lineStart, UInt8(ascii: "#") where index == lineStart:
            while let next = byte(), next != UInt8(ascii: "\n") { advance() }
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
            try readComment()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try readNumber()
        case _ where Self.isLetter(first):
            let start = location
            let text = take { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "_") }
            append(.identifier(text), at: start)
        case _ where "{}[]<>()=,;:*".utf8.contains(first):
            let start = location
            advance()
            append(.punctuation(Character(UnicodeScalar(first))), at: start)
        default:
            throw GeneratorError("expected a definition, found a stray character", at: location)
        }
        return true
    }

    private mutating func append(_ kind: Token.Kind, at location: SourceLocation) {
        tokens.append(Token(kind: kind, location: location, leading: comments))
        comments = []
    }

    private mutating func take(while isPart: (UInt8) -> Bool) -> String {
        let start = index
        while let next = byte(), isPart(next) { advance() }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func readComment() throws(GeneratorError) {
        let start = location
        let firstByte = index + 2
        advance()
        advance()
        while byte() != UInt8(ascii: "*") || byte(1) != UInt8(ascii: "/") {
            guard byte() != nil else {
                throw GeneratorError("expected '*/' to end this comment", at: start)
            }
            advance()
        }
        let text = String(decoding: bytes[firstByte..<index], as: UTF8.self)
        advance()
        advance()
        let comment = Comment(
            lines: Self.cleanLines(text), firstLine: start.line, lastLine: line)
        if let last = tokens.indices.last, tokens[last].location.line == start.line,
            tokens[last].trailing == nil
        {
            tokens[last].trailing = comment
        } else {
            comments.append(comment)
        }
    }

    /// The lines of a comment without surrounding white space and leading stars.
    private static func cleanLines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { line in
            let body = line.drop { $0 == " " || $0 == "\t" || $0 == "*" }
            let end = body.lastIndex { $0 != " " && $0 != "\t" && $0 != "*" }
            return end.map { String(body[...$0]) } ?? ""
        }
    }

    private mutating func readNumber() throws(GeneratorError) {
        let start = location
        let isNegative = byte() == UInt8(ascii: "-")
        if isNegative { advance() }
        let text = take { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "_") }
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = isHexadecimal ? text.dropFirst(2) : text[...]
        let radix = isHexadecimal ? 16 : text.count > 1 && text.hasPrefix("0") ? 8 : 10
        guard let value = Int128(digits, radix: radix), value <= Int128(UInt64.max) else {
            throw GeneratorError("expected a number of at most 64 bits, found '\(text)'", at: start)
        }
        append(.number(isNegative ? -value : value, isHexadecimal: isHexadecimal), at: start)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
