// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// Old spellings by this program's own code.
enum Native {
    static func run() throws(Problem) -> Int32 {
        throw Problem(.failed, "old spelling", "the legacy tool is not installed")
    }
}
