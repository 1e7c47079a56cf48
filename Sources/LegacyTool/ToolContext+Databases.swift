// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

extension ToolContext {
    /// The database that an argument names, by `0x` and its number or by its name.
    ///
    /// - Parameter argument: what the user gave.
    /// - Returns: the database.
    /// - Throws: 1 after the complaint that there is none, or when ctdbd does not answer.
    func database(_ argument: RawText) throws(ToolExit) -> Database {
        complain("No database matching '\(argument)' found\n")
        throw ToolExit(1)
    }
}
