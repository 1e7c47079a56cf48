// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool

/// Old spellings by this program's own code.
enum Native {
    /// Runs the old command line of this process.
    static func run() -> Int32 { LegacyTool.runProcess() }
}
