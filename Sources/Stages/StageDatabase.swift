// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyClient
import LegacyWire
import PeerWire
import StageCore
import Vocabulary
import XDR

/// Changes the stages of the whole cluster, by a transaction through the local ctdbd.
///
/// Everything waits for its answers: it is for a `Worker`, or for a program that has nothing else
/// to do. A process that uses it has no other client of databases.
public struct StageDatabase: Equatable, Sendable {
    /// What a change has done.
    public struct Result: Hashable, Sendable {
        /// The table as it is now.
        public var table: StageTable
        /// What was moved.
        public var moves: [StageTable.Move]
        /// Why the change is not in the log; nil when it is.
        public var logProblem: String?
    }

    /// ctdbd's client socket.
    public let socketPath: String
    /// How long a change may take.
    public let limit: Duration

    /// Names the local ctdbd.
    public init(socketPath: String, limit: Duration = .seconds(20)) {
        self.socketPath = socketPath
        self.limit = limit
    }

    /// Records a change on all nodes, and tells them.
    ///
    /// - Parameter change: what is to be recorded; its `origin` becomes the local node.
    /// - Returns: what was done.
    /// - Throws: why nothing has changed; `.database` with `.undecided` when nobody can say.
    public func record(_ change: StageChange) throws(StageError) -> Result {
        let session: LegacySession
        do throws(LegacyFailure) {
            session = try LegacySession(socketPath: socketPath, within: limit)
        } catch {
            throw .noDaemon(error)
        }
        defer { session.close() }
        return try Self.record(
            change, through: DatabaseSession(session: session, limit: limit))
    }

    /// Records a change through a conversation that is open.
    public static func record(
        _ change: StageChange, through client: DatabaseSession
    ) throws(StageError) -> Result {
        var change = change
        change.origin = client.session.pnn
        var outcome: Swift.Result<Result, StageError>?
        do throws(DatabaseFailure) {
            let database = try client.attach(StageTable.databaseName, flags: .persistent)
            try database.change { transaction throws(DatabaseFailure) in
                outcome = try Self.record(change, in: transaction)
            }
        } catch {
            throw .database(error)
        }
        guard let outcome else { throw .conflict(.nothingToDo) }
        let result = try outcome.get()
        // Who does not hear it reads the change a second later. ctdbd has it when it answers.
        try? client.session.send([], to: .stagesChanged, at: .broadcastConnected)
        _ = try? client.session.ask(.ping, within: .seconds(1))
        return result
    }

    /// Reads table and log through a conversation that is open; nothing is made when there is
    /// no database yet.
    public static func read(
        through client: DatabaseSession
    ) throws(StageError) -> (table: StageTable, log: StageLog) {
        let table: [UInt8]?
        let log: [UInt8]?
        do throws(DatabaseFailure) {
            let database = try client.open(StageTable.databaseName)
            table = try database.value(of: StageTable.key)
            log = try database.value(of: StageLog.key)
        } catch {
            if error.cause == .noSuchDatabase { return (.empty, .empty) }
            throw .database(error)
        }
        do throws(StageRecordError) {
            return (try StageTable.read(table), try StageLog.read(log))
        } catch {
            throw .record(error)
        }
    }

    /// Changes both records; stores nothing when the change is not possible.
    private static func record(
        _ change: StageChange, in transaction: Transaction
    ) throws(DatabaseFailure) -> Swift.Result<Result, StageError> {
        let oldTable = try transaction.value(of: StageTable.key)
        let oldLog = try transaction.value(of: StageLog.key)
        do throws(StageError) {
            var log: StageLog?
            var logProblem: String?
            do throws(StageRecordError) {
                log = try StageLog.read(oldLog)
            } catch {
                // What gives something back must not fail for want of a log.
                guard change.verb.isRetreat else { throw StageError.record(error) }
                logProblem = "\(error)"
            }
            var table = try read(oldTable)
            let moves = try apply(change, to: &table, log: &log)
            let newTable = try encoded(table)
            let newLog = try log.map { log throws(StageError) in try encoded(log) }
            do throws(DatabaseFailure) {
                try transaction.store(newTable, for: StageTable.key)
                if let newLog { try transaction.store(newLog, for: StageLog.key) }
            } catch {
                throw StageError.database(error)
            }
            return .success(Result(table: table, moves: moves, logProblem: logProblem))
        } catch {
            if case .database(let failure) = error { throw failure }
            return .failure(error)
        }
    }

    private static func read(_ value: [UInt8]?) throws(StageError) -> StageTable {
        do throws(StageRecordError) { return try StageTable.read(value) } catch {
            throw .record(error)
        }
    }

    private static func apply(
        _ change: StageChange, to table: inout StageTable, log: inout StageLog?
    ) throws(StageError) -> [StageTable.Move] {
        do throws(StageConflict) { return try table.apply(change, log: &log) } catch {
            throw .conflict(error)
        }
    }

    private static func encoded(_ record: some XDRCodable) throws(StageError) -> [UInt8] {
        do { return try record.encoded() } catch { throw .record(.unreadable(error)) }
    }
}
