// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The lines of a file that ctdbd reads line by line: nodes and public_addresses.
struct FileLines {
    /// A line that can be read.
    struct Line {
        var number: Int
        var text: String
        /// The words, which spaces and tabs keep apart.
        var words: [String] {
            text.split { $0 == " " || $0 == "\t" }.map(String.init)
        }
    }

    var lines: [Line] = []
    var complaints: [Complaint] = []

    /// Takes a file apart; empty lines are left out, lines that cannot be read are complained of.
    init(_ bytes: [UInt8], file: String) {
        var number = 0
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            number += 1
            var rest = line
            if rest.last == 13 { rest = rest.dropLast() }
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
            while let last = rest.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
            if rest.isEmpty { continue }
            let text = String(validating: rest, as: UTF8.self)
            if rest.first == UInt8(ascii: "#") {
                lines.append(Line(number: number, text: text ?? "#"))
            } else if rest.contains(0) {
                complaints.append(
                    Complaint(file: file, line: number, "there is a byte 0 in the line"))
            } else if let text, !rest.contains(where: { $0 < 0x20 && $0 != 0x09 }) {
                lines.append(Line(number: number, text: text))
            } else {
                complaints.append(
                    Complaint(file: file, line: number, "the line is not plain text"))
            }
        }
    }
}

extension String {
    /// The beginning, for a message.
    var shortened: String { count > 80 ? prefix(79) + "…" : self }
}
