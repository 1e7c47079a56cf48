// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// The changes of `ptrans`: a line each, a key and a value in quotes.
///
/// What is no such line is complained about, and passed over.
package struct TransactionLines {
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
    package init(_ read: @escaping () -> [UInt8]) { self.read = read }

    /// The next line with its newline; nil at the end.
    package mutating func next() -> RawText? {
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

    /// What a line of `ptrans` says.
    package enum Meaning: Equatable {
        /// A value; an empty one deletes the record.
        case change(key: [UInt8], value: [UInt8])
        /// Nothing, and there is nothing to say about it.
        case nothing
        /// Nothing; what the legacy tool says, with its newline.
        case wrong(RawText)
    }

    /// Reads a line.
    package static func meaning(of line: RawText) -> Meaning {
        // The legacy tool has it as a C string.
        var rest = line.bytes.prefix { $0 != 0 }
        do throws(DataText.Problem) {
            // Behind a key between whose quotes is nothing it does not look at the value.
            guard let key = try string(&rest) else { return .nothing }
            let value = try string(&rest) ?? []
            return key.isEmpty ? .nothing : .change(key: key, value: value)
        } catch {
            return .wrong(error.complaint)
        }
    }

    /// Takes a text in quotes off the beginning.
    ///
    /// - Returns: the text; nil when there is nothing between the quotes.
    private static func string(
        _ rest: inout ArraySlice<UInt8>
    ) throws(DataText.Problem) -> [UInt8]? {
        let quote = UInt8(ascii: "\"")
        let start = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard start.first == quote else {
            throw .init(complaint: "Unsupported input format in \(RawText(bytes: rest))\n")
        }
        let text = start.dropFirst()
        guard let end = text.firstIndex(of: quote) else {
            throw .init(complaint: "Unmatched \" in input \(RawText(bytes: rest))\n")
        }
        rest = text[(end + 1)...]
        guard end > text.startIndex else { return nil }
        return try DataText.parse(
            RawText(bytes: text[..<end]), followedBy: RawText(bytes: text[end...]))
    }
}
