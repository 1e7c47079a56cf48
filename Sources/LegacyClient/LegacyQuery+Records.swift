// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

// What a program asks that works on records itself.

extension LegacyQuery where Answer == Int32 {
    /// DB_OPEN_FLAGS: how ctdbd has opened the file of a database, in flags of the TDB library.
    public static func databaseOpenFlags(_ id: DatabaseID) -> Self {
        Self(.databaseOpenFlags(id)) { if case .openFlags(let flags) = $0 { flags } else { nil } }
    }
}

extension LegacyQuery where Answer == UInt32 {
    /// DB_PUSH_CONFIRM: how many records came.
    public static func databasePushConfirm(_ id: DatabaseID) -> Self {
        Self(.databasePushConfirm(id)) {
            if case .recordCount(let count) = $0 { count } else { nil }
        }
    }
}
