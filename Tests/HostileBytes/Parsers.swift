// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Parser {
    /// All that read bytes from outside.
    public static let all = legacy + peer + captures + texts + network
}
