// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Logging

/// How a line of the log is written.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, logger, message, then `key=value` pairs.
    case text
    /// For programs: one JSON object.
    case json
}

/// One line of the log, as bytes with the line feed at the end.
public struct LogLine {
    /// The line so far.
    public private(set) var bytes: [UInt8] = []

    /// Writes a line.
    ///
    /// - Parameters:
    ///   - format: how.
    ///   - milliseconds: the time, since the beginning of 1970 in UTC.
    ///   - level: how important it is.
    ///   - label: who says it.
    ///   - message: what is said; control characters are escaped, so that it stays one line.
    ///   - metadata: what more there is to know, written in the order of its keys.
    public init(
        _ format: LogFormat, milliseconds: UInt64, level: Logger.Level, label: String,
        message: String, metadata: Logger.Metadata
    ) {
        bytes.reserveCapacity(128 + message.utf8.count)
        switch format {
        case .text:
            append(Timestamp(milliseconds: milliseconds).text)
            append(" \(level.rawValue) \(label): ")
            appendEscaped(message, quoted: false)
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                append(" \(key)=")
                appendText(value)
            }
        case .json:
            append("{\"time\":\"\(Timestamp(milliseconds: milliseconds).text)\",\"level\":")
            appendQuoted(level.rawValue)
            append(",\"logger\":")
            appendQuoted(label)
            append(",\"message\":")
            appendQuoted(message)
            if !metadata.isEmpty {
                append(",\"metadata\":")
                appendJSON(.dictionary(metadata))
            }
            append("}")
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends a value of the text format: a bare word, or a quoted string.
    private mutating func appendText(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): appendWord(text)
        case .stringConvertible(let value): appendWord(value.description)
        case .dictionary, .array: appendJSON(value)
        }
    }

    private mutating func appendWord(_ text: String) {
        let bare = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F }
        if bare && !text.isEmpty { append(text) } else { appendQuoted(text) }
    }

    private mutating func appendJSON(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): appendQuoted(text)
        case .stringConvertible(let value): appendQuoted(value.description)
        case .array(let values):
            append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { append(",") }
                appendJSON(value)
            }
            append("]")
        case .dictionary(let values):
            append("{")
            for (index, pair) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { append(",") }
                appendQuoted(pair.key)
                append(":")
                appendJSON(pair.value)
            }
            append("}")
        }
    }

    private mutating func appendQuoted(_ text: String) {
        append("\"")
        appendEscaped(text, quoted: true)
        append("\"")
    }

    /// Appends text with control characters escaped as in JSON (RFC 8259, section 7), and quotes
    /// and backslashes too where it stands between quotes.
    private mutating func appendEscaped(_ text: String, quoted: Bool) {
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                if quoted { append("\\") }
                bytes.append(byte)
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                append(digits.utf8.count == 1 ? "\\u000\(digits)" : "\\u00\(digits)")
            default: bytes.append(byte)
            }
        }
    }
}
