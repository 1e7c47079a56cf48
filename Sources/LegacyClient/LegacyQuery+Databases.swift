// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

// What a node says of a database.

extension LegacyQuery where Answer == String {
    /// GET_DBNAME: the name of a database.
    public static func databaseName(_ id: DatabaseID) -> Self {
        Self(.getDatabaseName(id)) { if case .databaseName(let name) = $0 { name } else { nil } }
    }
}

extension LegacyQuery where Answer == String? {
    /// DB_GET_HEALTH: what is wrong with a database; nil when nothing is.
    public static func databaseHealth(_ id: DatabaseID) -> Self {
        Self(.getDatabaseHealth(id)) {
            if case .databaseHealth(let health) = $0 { .some(health) } else { nil }
        }
    }
}

extension LegacyQuery where Answer == DatabaseStatistics {
    /// GET_DB_STATISTICS: a database's counters.
    public static func databaseStatistics(_ id: DatabaseID) -> Self {
        Self(.getDatabaseStatistics(id)) {
            if case .databaseStatistics(let values) = $0 { values } else { nil }
        }
    }
}

extension LegacyQuery where Answer == UInt64 {
    /// GET_DB_SEQNUM: the sequence number of a database.
    public static func sequenceNumber(_ id: DatabaseID) -> Self {
        Self(.getDatabaseSequenceNumber(id)) {
            if case .sequenceNumber(let number) = $0 { number } else { nil }
        }
    }
}
