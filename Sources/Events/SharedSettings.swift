// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// The settings of ctdb.conf, which belongs to ctdbd.
///
/// ctdbd reads the same file and says what is wrong in it. This reader takes what it understands,
/// so that no file with which ctdbd starts keeps the event daemon from starting.
///
/// - Source: ctdb.conf(5).
struct SharedSettings: Equatable {
    private var values: [String: String] = [:]

    /// Reads text; what is neither section nor setting is passed over, the last of two wins.
    init(parsing bytes: [UInt8]) {
        var section = ""
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let text = Self.words(String(decoding: line, as: UTF8.self))
            if text.hasPrefix("#") || text.hasPrefix(";") { continue }
            if text.hasPrefix("["), text.hasSuffix("]") {
                section = Self.words(String(text.dropFirst().dropLast())).lowercased()
            } else if let equals = text.firstIndex(of: "=") {
                let key = Self.words(String(text[..<equals]))
                let value = Self.words(String(text[text.index(after: equals)...]))
                values["\(section)/\(key)"] = value
            }
        }
    }

    /// Reads a file; one that is missing has no settings.
    init(readingFrom path: String) throws(SystemError) {
        do throws(SystemError) {
            self.init(parsing: try SmallFile.read(path, limit: 1 << 20))
        } catch {
            guard error.isMissingFile else { throw error }
            self.init(parsing: [])
        }
    }

    /// The value of a setting, or nil when it is not there or empty.
    func value(_ key: String, in section: String) -> String? {
        values["\(section)/\(key)"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Text without space around it, and with one space for each run of them.
    private static func words(_ text: String) -> String {
        text.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }.joined(separator: " ")
    }
}
