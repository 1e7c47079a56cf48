// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// The changes of `ptrans`: a line each, a key and a value in quotes.
///
/// What is no such line is complained about, and passed over.
struct TransactionLines {
    /// A longer line counts as several.
    private static let lineLimit = 1023
    private static let partByteCount = 4096

    private let read: () -> [UInt8]
    private var waiting: [UInt8] = []
    private var isAtEnd = false

    /// Reads from a file; an error is its end.
    init(_ file: RegularFile) {
        self.init { (try? file.readPart(upTo: Self.partByteCount)) ?? [] }
    }

    /// Reads parts; an empty one is the end.
    init(_ read: @escaping () -> [UInt8]) { self.read = read }

    /// The next line with its newline; nil at the end.
    mutating func next() -> RawText? {
        while true {
            if let end = waiting.prefix(Self.lineLimit).firstIndex(of: UInt8(ascii: "\n")) {
                return take(end + 1)
            }
            if waiting.count >= Self.lineLimit { return take(Self.lineLimit) }
            if isAtEnd { return waiting.isEmpty ? nil : take(waiting.count) }
            let part = read()
            isAtEnd = part.isEmpty
            waiting += part
        }
    }

    private mutating func take(_ count: Int) -> RawText {
        defer { waiting.removeFirst(count) }
        return RawText(bytes: waiting[..<count])
    }

    /// Reads key and value of a line.
    ///
    /// - Returns: nil for a line that changes nothing.
    static func parse(
        _ line: RawText, in context: ToolContext
    ) -> (key: [UInt8], value: [UInt8])? {
        // The legacy tool has it as a C string.
        var rest = line.bytes.prefix { $0 != 0 }
        // Behind a key between whose quotes is nothing the legacy tool does not look at the value.
        guard let key = string(&rest, context), key.isThere,
            let value = string(&rest, context), !key.bytes.isEmpty
        else { return nil }
        return (key.bytes, value.bytes)
    }

    /// Takes a text in quotes off the beginning; nil when there is none, after a complaint.
    private static func string(
        _ rest: inout ArraySlice<UInt8>, _ context: ToolContext
    ) -> (bytes: [UInt8], isThere: Bool)? {
        let quote = UInt8(ascii: "\"")
        let start = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard start.first == quote else {
            context.complain("Unsupported input format in \(RawText(bytes: rest))\n")
            return nil
        }
        let text = start.dropFirst()
        guard let end = text.firstIndex(of: quote) else {
            context.complain("Unmatched \" in input \(RawText(bytes: rest))\n")
            return nil
        }
        rest = text[(end + 1)...]
        guard end > text.startIndex else { return ([], false) }
        let bytes = try? DataText.parse(
            RawText(bytes: text[..<end]), followedBy: RawText(bytes: text[end...]), in: context)
        return bytes.map { ($0, true) }
    }
}
