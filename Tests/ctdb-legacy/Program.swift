// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Sockets

/// The old spelling alone, for comparisons with the installed tool; not for users.
@main struct Program {
    static func main() {
        ProcessEnvironment.exit(LegacyTool.runProcess())
    }
}
