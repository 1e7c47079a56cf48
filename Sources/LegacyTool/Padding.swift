// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension String {
    /// The text, filled with spaces behind it, by bytes as `printf` counts.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }

    /// The text, filled in front of it, by bytes as `printf` counts.
    func padded(before width: Int, with filler: Character = " ") -> String {
        String(repeating: filler, count: max(0, width - utf8.count)) + self
    }
}
