// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// How names of an `.x` file are spelled in Swift.
enum SwiftName {
    /// Words that are written in capitals where a name does not begin with them.
    private static let acronyms: Set<String> = ["id", "ip", "pnn", "crc", "xdr", "url"]

    /// Names of the standard library and of the runtime that generated code uses.
    static let reservedTypes: Set<String> = [
        "Array", "Bool", "ByteReader", "ByteWriter", "Double", "Equatable", "Error", "Float",
        "Hashable", "Int", "Int32", "Int64", "MutableSpan", "InlineArray", "Optional", "Protocol",
        "Self",
        "Sendable", "String",
        "Type", "UInt32", "UInt64", "UInt8", "WireError", "XDRCodable", "XDRFixedSize", "XDRPlain",
        "XDRSize", "Span",
        "Any", "Never", "Void", "AnyObject", "StaticString",
    ]

    /// Members that generated types have of their own.
    static let reservedMembers: Set<String> = [
        "byteCount", "minimumByteCount", "store", "decode", "encode", "encoded", "rawValue",
        "hashValue",
        "self", "Self", "Type", "Protocol", "init",
    ]

    /// Words that need back quotes as a name.
    private static let keywords: Set<String> = [
        "any", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default",
        "defer", "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate",
        "for", "func", "guard", "if", "import", "in", "inout", "internal", "is", "let", "nil",
        "operator", "precedencegroup", "private", "protocol", "public", "repeat", "rethrows",
        "return", "static", "struct", "subscript", "super", "switch", "throw", "throws", "true",
        "try", "typealias", "var", "where", "while",
    ]

    /// `packet_header` as `PacketHeader`.
    static func type(_ name: String) -> String {
        words(name).map(capitalized).joined()
    }

    /// `payload_length` as `payloadLength`.
    static func member(_ name: String) -> String {
        let words = words(name)
        guard let first = words.first else { return "value" }
        return lowercasedStart(first) + words.dropFirst().map(capitalized).joined()
    }

    /// The name with back quotes where the language wants them.
    static func quoted(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

    /// Whether `name` can be a Swift name at all.
    static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return false }
        return name.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
        }
    }

    /// The Swift names of an enumeration's values, without the words that all begin with.
    static func cases(_ names: [String], of type: String) -> [String] {
        let lists = names.map(words)
        let compared = lists.count == 1 ? lists + [words(type) + [""]] : lists
        let shortest = compared.map(\.count).min() ?? 0
        var shared = 0
        while shared + 1 < shortest,
            Set(compared.map { $0[shared].lowercased() }).count == 1
        {
            shared += 1
        }
        return zip(names, lists).map { name, words in
            let short = member(words.dropFirst(shared).joined(separator: "_"))
            return isIdentifier(short) && !reservedMembers.contains(short) ? short : member(name)
        }
    }

    /// The rest of a constant's name that begins with a type's name: `SERVICE_ECHO`, `service`.
    static func member(_ constant: String, ofType type: String) -> String? {
        let prefix = words(type).map { $0.lowercased() }
        let words = words(constant)
        guard words.count > prefix.count,
            words.prefix(prefix.count).map({ $0.lowercased() }) == prefix
        else { return nil }
        let short = member(words.dropFirst(prefix.count).joined(separator: "_"))
        return isIdentifier(short) && !reservedMembers.contains(short) ? short : nil
    }

    private static func words(_ name: String) -> [String] {
        name.split(separator: "_").map(String.init)
    }

    private static func isMixed(_ word: String) -> Bool {
        word.contains { $0.isLowercase } && word.contains { $0.isUppercase }
    }

    private static func capitalized(_ word: String) -> String {
        if acronyms.contains(word.lowercased()) { return word.uppercased() }
        let rest = isMixed(word) ? String(word.dropFirst()) : word.dropFirst().lowercased()
        return word.prefix(1).uppercased() + rest
    }

    private static func lowercasedStart(_ word: String) -> String {
        isMixed(word) ? word.prefix(1).lowercased() + word.dropFirst() : word.lowercased()
    }
}
