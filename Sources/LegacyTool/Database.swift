// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

/// A database that a user named.
struct Database: Equatable {
    /// Its number.
    var id: DatabaseID
    /// Its name.
    var name: String
    /// What kind it is.
    var flags: DatabaseFlags
}
