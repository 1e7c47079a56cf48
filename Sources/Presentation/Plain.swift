// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Text from outside, made harmless for a terminal or for columns.
public enum Plain {
    /// A text in one line: what a terminal would act upon is written as an escape.
    public static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var plain = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": plain += "\\n"
            case "\r": plain += "\\r"
            case "\t": plain += "\\t"
            default:
                if isControl(scalar) {
                    plain += "\\u{" + String(scalar.value, radix: 16) + "}"
                } else {
                    plain.unicodeScalars.append(scalar)
                }
            }
        }
        return plain
    }

    /// C0, DEL, C1, line separators, and what turns the direction of writing.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F: true
        default: false
        }
    }

    /// A value for people; none is `-`.
    public static func people(_ value: Value) -> String {
        switch value {
        case .none: "-"
        case .flag(let flag): flag ? "yes" : "no"
        case .list(let values):
            values.isEmpty ? "-" : values.map(people).joined(separator: ",")
        case .object(let fields):
            fields.map { "\($0.name)=\(people($0.value))" }.joined(separator: " ")
        default: scalar(value)
        }
    }

    /// A value for a column of a script; none is empty.
    static func column(_ value: Value) -> String {
        switch value {
        case .none: ""
        case .flag(let flag): flag ? "1" : "0"
        case .list(let values): values.map(column).joined(separator: ",")
        case .object(let fields):
            fields.map { "\($0.name)=\(column($0.value))" }.joined(separator: " ")
        case .text(let text): escaped(text)
        default: scalar(value)
        }
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(0x5C) else { return line(text) }
        return line(
            text.split(separator: "\\", omittingEmptySubsequences: false)
                .joined(separator: "\\\\"))
    }

    private static func scalar(_ value: Value) -> String {
        switch value {
        case .number(let number): String(number)
        case .unsigned(let number): String(number)
        case .real(let number): real(number)
        case .text(let text): line(text)
        case .none, .flag, .list, .object: ""
        }
    }

    /// At most six places behind the point.
    static func real(_ number: Double) -> String {
        guard number.isFinite else { return "-" }
        let limit = 9e12
        guard number.magnitude < limit else { return number.description }
        let millionths = Int64((number * 1e6).rounded())
        let whole = millionths / 1_000_000
        let rest = (millionths % 1_000_000).magnitude
        let sign = millionths < 0 && whole == 0 ? "-" : ""
        guard rest != 0 else { return sign + String(whole) }
        var digits = String(rest)
        digits = String(repeating: "0", count: 6 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }
}
