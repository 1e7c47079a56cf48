// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyClient
import Sockets
import StageCore
import XDR

/// Why stages were not read or changed.
public enum StageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// ctdbd is not there, or does not answer.
    case noDaemon(LegacyFailure)
    /// The database did not do what it was asked.
    case database(DatabaseFailure)
    /// A record is there that is not used, and not overwritten.
    case record(StageRecordError)
    /// The change is not possible any more.
    case conflict(StageConflict)
    /// The folder of the databases cannot be read.
    case folder(SystemError)

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .noDaemon(let failure): "ctdbd cannot be asked: \(failure)"
        case .database(let failure): "\(failure)"
        case .record(let error): "\(error)"
        case .conflict(let conflict): "\(conflict)"
        case .folder(let error): "\(error)"
        }
    }
}
