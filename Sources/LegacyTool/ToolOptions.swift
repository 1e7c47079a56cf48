// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What the options in front of, between and behind the arguments say.
struct ToolOptions: Equatable {
    /// The word of `-d`.
    var debugLevel: RawText?
    /// Seconds of `-t`, as they were given.
    var timeLimit: Int32 = 10
    /// The node of `-n`; -1 when there is none.
    var node: Int32 = -1
    /// Whether output is for programs, by `-Y` or `-X`.
    var isMachineReadable = false
    /// Stands between columns for programs.
    var separator: RawText = "|"
    /// Whether `-v` was given.
    var isVerbose = false
    /// Seconds of `-T`; 0 when there are none.
    var maximumRunTime: Int32 = 0

    /// How long an answer may take; a negative number of seconds is a very large one.
    var limit: Duration { .seconds(Int64(UInt32(bitPattern: timeLimit))) }
}
