// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A name of a component, an event or a script, or a word for one: bytes without a NUL.
///
/// They are file names and arguments of programs, which need not be UTF-8.
public struct EventText: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The bytes.
    public var bytes: [UInt8]

    /// Makes a text of bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Makes a text of a string.
    public init(stringLiteral value: String) { bytes = Array(value.utf8) }

    /// The text for people, on one line: what is not UTF-8 shows as replacement characters.
    public var description: String {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                text += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// Whether this can be the name of a component: a folder in the folder of events, not a path.
    package var isFolderName: Bool {
        !bytes.isEmpty && self != "." && self != ".." && !bytes.contains(UInt8(ascii: "/"))
    }

    /// The words between spaces, which is how scripts get the arguments of an event.
    var words: [EventText] {
        bytes.split(separator: UInt8(ascii: " ")).map { EventText(Array($0)) }
    }
}
