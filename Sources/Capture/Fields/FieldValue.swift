// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A decoded value as a tree of fields, to be shown, compared or written as JSON.
public enum FieldValue: Equatable, Sendable {
    /// There is none.
    case none
    /// Yes or no.
    case flag(Bool)
    /// A whole number.
    case number(Int64)
    /// A whole number without a sign.
    case unsigned(UInt64)
    /// A number with a fraction.
    case real(Double)
    /// Text, from outside or the name of a value.
    case text(String)
    /// A number that is written in hexadecimal, or by its name.
    case named(UInt64, String)
    /// Bits that are set, by their names; those without one are in hexadecimal.
    case flags(UInt64, [String])
    /// Bytes that nobody knows more about.
    case bytes(ArraySlice<UInt8>)
    /// Several values of a kind.
    case list([FieldValue])
    /// Values with names.
    case fields([Field])

    /// A value and its name.
    public struct Field: Equatable, Sendable {
        /// In lower case, words joined by `_`.
        public var name: String
        /// The value.
        public var value: FieldValue

        /// Names a value.
        public init(_ name: String, _ value: FieldValue) {
            self.name = name
            self.value = value
        }
    }

    /// A value, or none.
    public init(_ text: String?) { self = text.map { .text($0) } ?? .none }

    /// The value in a line, as a leaf of a tree; nil for lists and fields that have anything.
    public var line: String? {
        switch self {
        case .none: "-"
        case .flag(let flag): flag ? "yes" : "no"
        case .number(let number): String(number)
        case .unsigned(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text.isEmpty ? "\"\"" : text
        case .named(_, let name): name
        case .flags(_, let names): names.isEmpty ? "-" : names.joined(separator: ",")
        case .bytes(let bytes): Self.text(bytes)
        case .list(let values): values.isEmpty ? "-" : nil
        case .fields(let fields): fields.isEmpty ? "-" : nil
        }
    }

    /// Bytes in hexadecimal, with those that are text beside them.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        guard !bytes.isEmpty else { return "0 bytes" }
        let shown = bytes.prefix(32)
        let dots = bytes.count > shown.count ? "..." : ""
        let printable = shown.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: ".") }
        let text = String(decoding: printable, as: UTF8.self)
        return "\(bytes.count) bytes: \(hexadecimal(shown))\(dots) |\(text)|"
    }

    /// Bytes in hexadecimal.
    public static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count &* 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension FieldValue {
    /// The tree as lines: a line for each field, indented by its depth.
    ///
    /// - Parameters:
    ///   - name: what the value is called.
    ///   - depth: how deep it is.
    /// - Returns: the lines.
    public func lines(_ name: String, depth: Int = 0) -> [String] {
        let indentation = String(repeating: "    ", count: depth)
        if let line { return ["\(indentation)\(name): \(line)"] }
        var lines = ["\(indentation)\(name)"]
        switch self {
        case .list(let values):
            for (index, value) in values.enumerated() {
                lines += value.lines("\(index)", depth: depth + 1)
            }
        case .fields(let fields):
            for field in fields { lines += field.value.lines(field.name, depth: depth + 1) }
        default: break
        }
        return lines
    }
}
