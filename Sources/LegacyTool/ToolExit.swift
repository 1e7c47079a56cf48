// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The end of a command, with the number that the legacy tool's `main` returns.
package struct ToolExit: Error, Equatable {
    /// The number before the system takes its lowest eight bits.
    package var code: Int32
    /// Whether nobody says anything more: the connection is gone, or usage was shown.
    package var isFinal: Bool

    /// Makes an end.
    package init(_ code: Int32, isFinal: Bool = false) {
        self.code = code
        self.isFinal = isFinal
    }

    /// The exit code that the parent sees.
    package var status: Int32 { code == -1 ? 1 : code & 0xFF }
}
