// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import Sockets
import TrivialDatabase
import Vocabulary

/// Why something with a database did not happen.
public struct DatabaseFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was under way.
    public enum Step: Equatable, Sendable {
        /// Asking for the databases and their names.
        case list
        /// Attaching: DB_ATTACH and the others like it.
        case attach
        /// Attaching: GETDBPATH.
        case path
        /// Attaching: DB_GET_HEALTH.
        case health
        /// Attaching: the nodes that shall know the flags.
        case nodes
        /// Attaching: SET_DB_READONLY.
        case setReadOnly
        /// Attaching: SET_DB_STICKY.
        case setSticky
        /// Attaching: DB_OPEN_FLAGS.
        case openFlags
        /// Attaching: opening the file.
        case open
        /// Detaching: GET_DBNAME.
        case name
        /// Detaching: DB_DETACH.
        case detach
        /// Locking the chain of a record.
        case lockRecord
        /// Reading a record in the file.
        case readRecord
        /// Making a record come to this node.
        case migrate
        /// Writing a record in the file.
        case writeRecord
        /// Telling ctdbd to take a deleted record away.
        case scheduleDeletion
        /// Attaching to the database of the global locks.
        case attachLocks
        /// Taking a global lock.
        case lock
        /// Looking whether a holder of the global lock lives.
        case checkHolder
        /// Giving a global lock back.
        case unlock
        /// Reading the sequence number.
        case sequenceNumber
        /// Committing a transaction.
        case commit
        /// Listening for the records of a traversal.
        case listen
        /// Visiting records.
        case traverse
        /// Emptying or replacing a database on all nodes, in this step of many.
        case replace(ReplaceStep)
        /// Reading or writing a backup.
        case backup
    }

    /// The steps of emptying and of restoring a database, in their order.
    public enum ReplaceStep: Equatable, Sendable, CaseIterable {
        /// Asking which nodes there are.
        case nodes
        /// Asking which instance of the cluster it is.
        case generation
        /// DB_FREEZE on all active nodes.
        case freeze
        /// DB_TRANSACTION_START.
        case begin
        /// WIPE_DATABASE.
        case wipe
        /// DB_PUSH_START.
        case pushStart
        /// Sending the records.
        case push
        /// DB_PUSH_CONFIRM.
        case pushConfirm
        /// DB_SET_HEALTHY.
        case setHealthy
        /// DB_TRANSACTION_COMMIT.
        case commit
        /// DB_THAW.
        case thaw
    }

    /// What went wrong.
    public enum Cause: Equatable, Sendable {
        /// ctdbd did not do what it was asked.
        case legacy(LegacyFailure)
        /// ctdbd answered a call with a status that is none.
        case callRefused(status: Int32)
        /// The TDB library failed.
        case file(DatabaseFileError)
        /// Another file failed.
        case system(SystemError)
        /// A record or a backup is none.
        case unreadable(WireError)
        /// There is no such database.
        case noSuchDatabase
        /// ctdbd says that the database is not whole.
        case unhealthy(reason: String)
        /// Records of this kind of database are not fetched one by one, or it has no transactions.
        case wrongKind
        /// The record is a read-only copy.
        case readOnlyRecord
        /// The transaction or the record handle is over, or may not change anything.
        case invalidUse
        /// It did not happen in time.
        case timedOut
        /// This process holds the lock already.
        case deadlock
        /// Somebody else changed the same records; nothing of the transaction happened.
        case conflict
        /// Nobody can say whether the transaction happened.
        case undecided
        /// A node counted other records than were sent.
        case wrongCount(node: PNN, received: UInt32, sent: UInt64)
        /// The backup has another version.
        case wrongVersion(UInt64)
        /// There is no active node.
        case noActiveNode
    }

    /// What was under way.
    public var step: Step
    /// Which database; empty when it is about all.
    public var database: String
    /// What went wrong.
    public var cause: Cause

    /// Why the recovery that cleans up could not be started; nil when it was, or is not needed.
    public var cleanup: LegacyFailure?

    /// Makes a failure.
    public init(_ step: Step, _ database: String, _ cause: Cause) {
        self.step = step
        self.database = database
        self.cause = cause
    }

    /// Step, database, and what went wrong.
    public var description: String {
        let text =
            switch cause {
            case .legacy(let failure): "\(failure)"
            case .callRefused(let status): "ctdbd refused the call with status \(status)"
            case .file(let error): "\(error)"
            case .system(let error): "\(error)"
            case .unreadable(let error): "\(error)"
            case .noSuchDatabase: "there is no such database"
            case .unhealthy(let reason): "the database is not whole: \(reason)"
            case .wrongKind: "the kind of the database does not allow it"
            case .readOnlyRecord: "the record is a read-only copy"
            case .invalidUse: "it is over, or may not change anything"
            case .timedOut: "not in time"
            case .deadlock: "this process holds the lock already"
            case .conflict: "somebody else changed the same records"
            case .undecided: "nobody can say whether it happened"
            case .wrongCount(let node, let received, let sent):
                "node \(node) received \(received) of \(sent) records"
            case .wrongVersion(let version): "version \(version) of backups is not known"
            case .noActiveNode: "there is no active node"
            }
        return "\(step)\(database.isEmpty ? "" : " \(database)"): \(text)"
    }
}
