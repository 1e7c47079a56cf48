// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The end of a run, with the number that the legacy tool's `main` returns.
struct ToolExit: Error, Equatable {
    /// The number before the system takes its lowest eight bits.
    var code: Int32

    /// Makes an end.
    init(_ code: Int32) { self.code = code }
}
