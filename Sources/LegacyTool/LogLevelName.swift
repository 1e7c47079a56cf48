// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The names of log levels.
package enum LogLevelName {
    private static let names = [
        "ERROR", "WARNING", "WARNING", "NOTICE", "NOTICE", "INFO", "INFO", "INFO", "INFO", "INFO",
        "DEBUG",
    ]

    /// The level of a number, or of the beginning of a name in any case; nil when there is none.
    package static func parse(_ text: RawText) -> Int32? {
        if let first = text.bytes.first, (0x30...0x39).contains(first) {
            let level = CNumber.atoi(text)
            return (0..<Int32(names.count)).contains(level) ? level : nil
        }
        let word = text.bytes.map(lowercased)
        let index = names.firstIndex { $0.utf8.map(lowercased).starts(with: word) }
        return index.map { Int32($0) }
    }

    /// The name of a level.
    package static func name(_ level: Int32) -> String {
        (0..<Int32(names.count)).contains(level) ? names[Int(level)] : "UNKNOWN"
    }

    /// A byte in lower case, for ASCII alone, as the C library does it in the C locale.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
