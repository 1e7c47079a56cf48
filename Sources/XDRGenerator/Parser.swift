// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Reads the definitions of one `.x` file.
///
/// An enumeration, structure or union within a declaration is refused, as rpcgen refuses it: every
/// body has a definition of its own. Nothing here calls itself, so no text can use up the stack.
///
/// - Source: RFC 4506, section 6.3.
struct Parser {
    private let tokens: [Token]
    private var index = 0
    private var source: SourceFile

    private static let keywords: Set<String> = [
        "bool", "case", "const", "default", "double", "quadruple", "enum", "float", "hyper", "int",
        "opaque", "string", "struct", "switch", "typedef", "union", "unsigned", "void",
    ]

    /// Reads a whole file.
    static func parse(_ text: String, file: String) throws(GeneratorError) -> SourceFile {
        var parser = Parser(try Lexer.tokens(of: text, file: file), file: file)
        parser.readIntroduction()
        while parser.current.kind != .end { try parser.readDefinition() }
        return parser.source
    }

    private init(_ tokens: [Token], file: String) {
        self.tokens = tokens
        source = SourceFile(file: file)
    }

    // MARK: Tokens

    private var current: Token { tokens[index] }

    /// Passes over the current token; the end stays where it is.
    private mutating func advance() -> Token {
        defer { index = min(index + 1, tokens.count - 1) }
        return tokens[index]
    }

    private func expected(_ what: String) -> GeneratorError {
        GeneratorError("expected \(what), found \(current.name)", at: current.location)
    }

    private func isNext(_ character: Character) -> Bool {
        current.kind == .punctuation(character)
    }

    private func isNext(word: String) -> Bool { current.kind == .identifier(word) }

    private mutating func accept(_ character: Character) -> Bool {
        guard isNext(character) else { return false }
        _ = advance()
        return true
    }

    private mutating func accept(word: String) -> Bool {
        guard isNext(word: word) else { return false }
        _ = advance()
        return true
    }

    private mutating func expect(_ character: Character) throws(GeneratorError) {
        guard accept(character) else { throw expected("'\(character)'") }
    }

    private mutating func expect(word: String) throws(GeneratorError) {
        guard accept(word: word) else { throw expected("'\(word)'") }
    }

    private mutating func readName(_ what: String) throws(GeneratorError) -> Name {
        guard case .identifier(let text) = current.kind, !Self.keywords.contains(text) else {
            throw expected(what)
        }
        return Name(text: text, location: advance().location)
    }

    private mutating func readValue() throws(GeneratorError) -> Value {
        if case .number(let value, let isHexadecimal) = current.kind {
            _ = advance()
            return .number(value, isHexadecimal: isHexadecimal)
        }
        return .name(try readName("a number or the name of a constant"))
    }

    // MARK: Comments

    /// What is said in front of the current token, without a blank line between.
    private func remarksAhead() -> Remarks {
        var adjacent: [Comment] = []
        var line = current.location.line
        for comment in current.leading.reversed() where comment.lastLine + 1 >= line {
            adjacent.insert(comment, at: 0)
            line = comment.firstLine
        }
        return Self.remarks(in: adjacent)
    }

    /// Adds what follows the token that was read last, on its line.
    private func addTrailing(to remarks: inout Remarks) {
        guard index > 0, let comment = tokens[index - 1].trailing else { return }
        let found = Self.remarks(in: [comment])
        remarks.paragraphs += found.paragraphs
        remarks.directives += found.directives
    }

    private static func remarks(in comments: [Comment]) -> Remarks {
        var remarks = Remarks()
        for comment in comments {
            for paragraph in comment.lines.split(separator: "") {
                let text = paragraph.joined(separator: " ")
                if text.hasPrefix("swift:") {
                    let words = text.dropFirst(6).split(separator: " ")
                    remarks.directives.append(words.map(String.init))
                } else {
                    remarks.paragraphs.append(text)
                }
            }
        }
        return remarks
    }

    /// Takes the first comment that stands by itself and is not about the licence.
    private mutating func readIntroduction() {
        let following = current.leading.dropFirst().map(\.firstLine) + [current.location.line]
        for (comment, next) in zip(current.leading, following)
        where comment.lastLine + 1 < next && !comment.lines.joined().contains("SPDX-") {
            source.introduction = Self.remarks(in: [comment]).paragraphs
            return
        }
    }

    // MARK: Definitions

    private mutating func readDefinition() throws(GeneratorError) {
        var remarks = remarksAhead()
        if accept(word: "const") {
            let name = try readName("the name of a constant")
            try expect("=")
            let value = try readValue()
            try expect(";")
            addTrailing(to: &remarks)
            define(name, remarks, .constant(value))
        } else if accept(word: "typedef") {
            try readTypedef(remarks)
        } else if isNext(word: "enum") || isNext(word: "struct") || isNext(word: "union") {
            let keyword = current
            _ = advance()
            let name = try readName("a name")
            let body = try readBody(keyword)
            try expect(";")
            define(name, remarks, body)
        } else {
            throw expected("'const', 'typedef', 'enum', 'struct' or 'union'")
        }
    }

    private mutating func define(_ name: Name, _ remarks: Remarks, _ body: Definition.Body) {
        source.definitions.append(Definition(name: name, remarks: remarks, body: body))
    }

    private mutating func readTypedef(_ ahead: Remarks) throws(GeneratorError) {
        var remarks = ahead
        // A typedef of a body without a name defines just that body.
        let isBody = ["enum", "struct", "union"].contains { isNext(word: $0) }
        let next = tokens[min(index + 1, tokens.count - 1)].kind
        if isBody, next == .punctuation("{") || next == .identifier("switch") {
            let body = try readBody(advance())
            let name = try readName("a name")
            try expect(";")
            define(name, remarks, body)
            return
        }
        let declaration = try readDeclaration()
        guard declaration.shape != .void else {
            throw GeneratorError("expected a type other than 'void'", at: declaration.name.location)
        }
        try expect(";")
        addTrailing(to: &remarks)
        define(declaration.name, remarks, .typedef(declaration.shape))
    }

    /// Reads what follows `enum`, `struct` or `union` and the name.
    private mutating func readBody(_ keyword: Token) throws(GeneratorError) -> Definition.Body {
        switch keyword.kind {
        case .identifier("enum"): return .enumeration(try readEnumerators())
        case .identifier("struct"): return .structure(try readFields())
        default: return .union(try readUnion())
        }
    }

    private mutating func readEnumerators() throws(GeneratorError) -> [Enumerator] {
        var enumerators: [Enumerator] = []
        try expect("{")
        repeat {
            if isNext("}"), !enumerators.isEmpty { break }
            var remarks = remarksAhead()
            let name = try readName("the name of a value")
            try expect("=")
            let value = try readValue()
            addTrailing(to: &remarks)
            let isSeparated = isNext(",")
            enumerators.append(Enumerator(name: name, value: value, remarks: remarks))
            guard isSeparated else { break }
            _ = advance()
            addTrailing(to: &enumerators[enumerators.count - 1].remarks)
        } while true
        try expect("}")
        return enumerators
    }

    private mutating func readFields() throws(GeneratorError) -> [Declaration] {
        var fields: [Declaration] = []
        try expect("{")
        repeat {
            var field = try readDocumentedDeclaration()
            guard field.shape != .void else {
                throw GeneratorError("expected a field, found 'void'", at: field.name.location)
            }
            addTrailing(to: &field.remarks)
            fields.append(field)
        } while !isNext("}")
        try expect("}")
        return fields
    }

    private mutating func readUnion() throws(GeneratorError) -> UnionBody {
        try expect(word: "switch")
        try expect("(")
        let discriminant = try readDeclaration()
        try expect(")")
        try expect("{")
        var body = UnionBody(discriminant: discriminant, arms: [])
        repeat {
            if accept(word: "default") {
                try expect(":")
                body.fallback = try readDocumentedDeclaration()
                break
            }
            body.arms.append(try readArm())
        } while !isNext("}")
        try expect("}")
        return body
    }

    private mutating func readArm() throws(GeneratorError) -> Arm {
        let remarks = remarksAhead()
        var arm = Arm(
            labels: [],
            declaration: Declaration(
                name: Name(text: "", location: current.location), shape: .void))
        guard isNext(word: "case") else { throw expected("'case', 'default' or '}'") }
        while accept(word: "case") {
            let location = current.location
            arm.labels.append((try readValue(), location))
            try expect(":")
        }
        arm.declaration = try readDocumentedDeclaration()
        if arm.declaration.remarks.paragraphs.isEmpty {
            arm.declaration.remarks.paragraphs = remarks.paragraphs
        }
        arm.declaration.remarks.directives += remarks.directives
        return arm
    }

    /// Reads a declaration, the `;` behind it and the comments beside it.
    private mutating func readDocumentedDeclaration() throws(GeneratorError) -> Declaration {
        let ahead = remarksAhead()
        var declaration = try readDeclaration()
        declaration.remarks = ahead
        try expect(";")
        if declaration.remarks.paragraphs.isEmpty { addTrailing(to: &declaration.remarks) }
        return declaration
    }

    // MARK: Declarations

    private mutating func readDeclaration() throws(GeneratorError) -> Declaration {
        let start = current.location
        if accept(word: "void") {
            return Declaration(name: Name(text: "", location: start), shape: .void)
        }
        if accept(word: "opaque") {
            let name = try readName("a name")
            if accept("[") {
                let count = try readValue()
                try expect("]")
                return Declaration(name: name, shape: .fixedOpaque(count))
            }
            guard isNext("<") else { throw expected("'[' or '<'") }
            return Declaration(name: name, shape: .variableOpaque(try readLimit()))
        }
        if accept(word: "string") {
            let name = try readName("a name")
            return Declaration(name: name, shape: .string(try readLimit()))
        }
        return try readDeclarator(try readTypeSpecifier())
    }

    private mutating func readDeclarator(
        _ type: TypeSpecifier
    ) throws(GeneratorError) -> Declaration {
        if accept("*") {
            return Declaration(name: try readName("a name"), shape: .optional(type))
        }
        let name = try readName("a name")
        if accept("[") {
            let count = try readValue()
            try expect("]")
            return Declaration(name: name, shape: .fixedArray(type, count))
        }
        if isNext("<") {
            return Declaration(name: name, shape: .variableArray(type, try readLimit()))
        }
        return Declaration(name: name, shape: .plain(type))
    }

    private mutating func readLimit() throws(GeneratorError) -> Value? {
        try expect("<")
        if accept(">") { return nil }
        let limit = try readValue()
        try expect(">")
        return limit
    }

    private mutating func readTypeSpecifier() throws(GeneratorError) -> TypeSpecifier {
        if accept(word: "unsigned") {
            if accept(word: "hyper") { return .primitive(.unsignedHyper) }
            _ = accept(word: "int")
            return .primitive(.unsignedInt)
        }
        if accept(word: "int") { return .primitive(.int) }
        if accept(word: "hyper") { return .primitive(.hyper) }
        if accept(word: "float") { return .primitive(.float) }
        if accept(word: "double") { return .primitive(.double) }
        if accept(word: "bool") { return .primitive(.bool) }
        if isNext(word: "quadruple") {
            throw GeneratorError("'quadruple' has no type in Swift", at: current.location)
        }
        // `struct name` is how C and rpcgen write a plain reference.
        _ = accept(word: "enum") || accept(word: "struct") || accept(word: "union")
        return .named(try readName("the name of a type"))
    }
}
