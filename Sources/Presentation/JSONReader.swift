// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Reads JSON that comes from outside.
///
/// - Source: RFC 8259; a member may not be there twice, and nothing may stand behind the value.
public struct JSONReader {
    /// What is wrong, and where.
    public struct Malformed: Error, Equatable, CustomStringConvertible {
        /// What was expected or found.
        public var reason: String
        /// Which line it is on, from 1 on.
        public var line: Int

        /// Makes an error.
        public init(reason: String, line: Int) {
            self.reason = reason
            self.line = line
        }

        /// One line for people.
        public var description: String { "line \(line): \(reason)" }
    }

    /// So deep may lists and objects be inside each other.
    public static let depthLimit = 64

    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0

    /// Reads a value.
    ///
    /// - Parameter bytes: all of the text, in UTF-8.
    /// - Returns: the value; whole numbers of 64 bits as `number` or `unsigned`.
    /// - Throws: the first thing that is wrong.
    public static func read(_ bytes: [UInt8]) throws(Malformed) -> Value {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value()
        reader.skipSpace()
        guard reader.at == bytes.count else { throw reader.malformed("more than one value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private func malformed(_ reason: String) -> Malformed {
        Malformed(reason: reason, line: 1 + bytes[..<at].count { $0 == UInt8(ascii: "\n") })
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func value() throws(Malformed) -> Value {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"):
            return try nested { reader throws(Malformed) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(Malformed) in try reader.list() }
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .none)
        case nil: throw malformed("the text ends where a value is expected")
        default: return try number()
        }
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(Malformed) -> Value
    ) throws(Malformed) -> Value {
        guard depth < Self.depthLimit else { throw malformed("too deep") }
        depth += 1
        defer { depth -= 1 }
        at += 1
        return try read(&self)
    }

    private mutating func list() throws(Malformed) -> Value {
        var list: [Value] = []
        if take(UInt8(ascii: "]")) { return .list(list) }
        repeat { list.append(try value()) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed("a list has no end here") }
        return .list(list)
    }

    private mutating func object() throws(Malformed) -> Value {
        var fields: [Field] = []
        var names: Set<String> = []
        if take(UInt8(ascii: "}")) { return .object(fields) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw malformed("a name is expected") }
            let name = try string()
            guard names.insert(name).inserted else {
                throw malformed("the name \(name) is there twice")
            }
            guard take(UInt8(ascii: ":")) else { throw malformed("no : behind a name") }
            fields.append(Field(name, try value()))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed("an object has no end here") }
        return .object(fields)
    }

    private mutating func word(_ word: String, _ value: Value) throws(Malformed) -> Value {
        guard bytes[at...].starts(with: word.utf8) else { throw malformed("not a value") }
        at += word.utf8.count
        return value
    }

    private mutating func number() throws(Malformed) -> Value {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        let first = next
        let whole = digits()
        guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else {
            at = start
            throw malformed("not a value")
        }
        var isWhole = true
        if next == UInt8(ascii: ".") {
            at += 1
            isWhole = false
            guard digits() > 0 else { throw malformed("not a number") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            at += 1
            isWhole = false
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { throw malformed("not a number") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .number(number) }
        if isWhole, let number = UInt64(text) { return .unsigned(number) }
        guard let number = Double(text), number.isFinite else {
            throw malformed("a number out of range")
        }
        return .real(number)
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
        return at - start
    }

    private mutating func string() throws(Malformed) -> String {
        at += 1
        var text: [UInt8] = []
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else {
                    throw malformed("text that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): text += String(try escape()).utf8
            case 0..<0x20: throw malformed("a control character in a text")
            default: text.append(byte)
            }
        }
        throw malformed("a text has no end")
    }

    private mutating func escape() throws(Malformed) -> Unicode.Scalar {
        guard let byte = next else { throw malformed("a text has no end") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw malformed("an unknown escape")
        }
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // The first half of a pair of surrogates; the second one has to follow.
        guard unit < 0xDC00, bytes[at...].starts(with: [0x5C, 0x75]) else {
            throw malformed("half of a character")
        }
        at += 2
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
        else { throw malformed("half of a character") }
        return scalar
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        let digits = bytes[at...].prefix(4)
        guard digits.count == 4,
            digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
            let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw malformed("four hexadecimal digits are expected") }
        at += 4
        return number
    }
}
