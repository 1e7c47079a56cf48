// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import Sockets
import TrivialDatabase
import Vocabulary

/// Changes to a persistent or replicated database that happen on all nodes, or not at all.
///
/// A lock of the whole cluster keeps other transactions on the database out. Changes are collected
/// here and become real in one control; ctdbd writes them on each node in a transaction of the
/// file. A process that dies, at whatever instant, leaves all of them or none, and the lock free.
///
/// - Source: `ctdb_transaction_start_send` and `ctdb_transaction_commit_send`,
///   ctdb/client/client_db.c, and `ctdb_control_trans3_commit`, ctdb/server/ctdb_persistent.c,
///   Samba 4.17.
public final class Transaction {
    /// The key of the record that counts the changes, with its NUL.
    public static let sequenceNumberKey = Array("__db_sequence_number__".utf8) + [0]
    /// So long between two looks at a recovery.
    private static let pause = Duration.milliseconds(50)

    /// The database.
    public let database: Database
    /// Whether nothing can be changed.
    public let isReading: Bool
    private let lock: GlobalLock
    private var changes: [[UInt8]: Database.Record] = [:]
    private var order: [[UInt8]] = []
    private var isOpen = true

    fileprivate init(_ database: Database, isReading: Bool, lock: GlobalLock) {
        self.database = database
        self.isReading = isReading
        self.lock = lock
    }

    deinit { try? cancel() }

    /// Reads a value as the transaction sees it.
    ///
    /// - Returns: the value; nil when there is none, or an empty one, which is the same here.
    public func value(of key: [UInt8]) throws(DatabaseFailure) -> [UInt8]? {
        guard isOpen else { throw failure(.invalidUse) }
        if let change = changes[key] { return change.value.isEmpty ? nil : change.value }
        return try database.value(of: key)
    }

    /// Sets a value.
    public func store(_ value: [UInt8], for key: [UInt8]) throws(DatabaseFailure) {
        guard isOpen, !isReading else { throw failure(.invalidUse) }
        var record = Database.Record(
            key: key, header: RecordHeader(rsn: RSN(rawValue: 0), dmaster: .unknown), value: [])
        if let change = changes[key] {
            record = change
        } else if let present = try database.localRecord(key) {
            record = present
        }
        guard record.value != value else { return }
        record.header.dmaster = database.client.session.pnn
        record.header.rsn = RSN(rawValue: record.header.rsn.rawValue &+ 1)
        record.value = value
        if changes.updateValue(record, forKey: key) == nil { order.append(key) }
    }

    /// Takes a value away.
    public func delete(_ key: [UInt8]) throws(DatabaseFailure) { try store([], for: key) }

    /// Makes all changes happen on all nodes, and ends the transaction.
    ///
    /// When a recovery comes in between, it decides: this waits for it and looks what became of the
    /// changes, and asks again when nothing has.
    ///
    /// - Parameter limit: how long it may take; nil is the client's limit.
    /// - Throws: `.conflict` when somebody whose lock was lost to a crash changed the same records:
    ///   nothing of this happened; `.undecided` when ctdbd could not say in time, or is gone: then
    ///   the lock stays with this process until its session ends.
    public func commit(within limit: Duration? = nil) throws(DatabaseFailure) {
        guard isOpen else { throw failure(.invalidUse) }
        guard !order.isEmpty else { return try cancel() }
        let deadline = Deadline(in: limit ?? database.client.limit)
        let before = try sequenceNumber()
        try store(Self.bytes(of: before &+ 1), for: Self.sequenceNumberKey)
        let records = order.compactMap { changes[$0] }.map {
            RecordData(
                header: $0.header, key: $0.key[...], value: $0.value[...], layout: .native)
        }
        let request = ControlRequest.trans3Commit(
            RecordBuffer(database: database.id, records: records))
        do throws(DatabaseFailure) {
            while try !ask(request, since: before, before: deadline) {}
        } catch {
            // Whoever got the lock now could read what is about to change.
            if error.cause == .undecided { isOpen = false }
            throw error
        }
        isOpen = false
        // The changes are real: a lock that cannot be given back ends with this process.
        try? lock.unlock(before: Deadline(in: database.client.limit))
    }

    /// Gives the lock back; nothing happens.
    public func cancel() throws(DatabaseFailure) {
        guard isOpen else { return }
        isOpen = false
        try lock.unlock(before: Deadline(in: database.client.limit))
    }

    /// Asks for the commit once.
    ///
    /// - Returns: whether it happened; false when it has not, and can be asked for again.
    private func ask(
        _ request: ControlRequest, since before: UInt64, before deadline: Deadline
    ) throws(DatabaseFailure) -> Bool {
        let session = database.client.session
        do throws(LegacyFailure) {
            _ = try session.ask(.command(request), within: deadline.remaining)
            return true
        } catch {
            switch error.cause {
            case .refused: break
            case .unwritable: throw failure(.legacy(error))
            default: throw failure(.undecided)
            }
        }
        // Only ctdbd that is in no recovery has a file that says how it went.
        repeat {
            guard !deadline.hasPassed, session.connectionLoss == nil else {
                throw failure(.undecided)
            }
            session.pause(Self.pause, before: deadline)
        } while !isNormal(before: deadline)
        if try isDone() { return true }
        guard try sequenceNumber() == before else { throw failure(.conflict) }
        return false
    }

    private func isNormal(before deadline: Deadline) -> Bool {
        let mode = try? database.client.session.ask(.recoveryMode, within: deadline.remaining)
        return mode == .normal
    }

    /// Whether this node's file has all changes.
    private func isDone() throws(DatabaseFailure) -> Bool {
        for change in changes.values {
            guard let record = try database.localRecord(change.key) else {
                // A deletion may have been carried out for good.
                if change.value.isEmpty { continue }
                return false
            }
            guard record.value == change.value, record.header.rsn == change.header.rsn else {
                return false
            }
        }
        return true
    }

    /// What this node's file says.
    private func sequenceNumber() throws(DatabaseFailure) -> UInt64 {
        let value = try database.localRecord(Self.sequenceNumberKey)?.value ?? []
        guard !value.isEmpty else { return 0 }
        var reader = LegacyLayout.native.reader(over: value[...])
        do throws(WireError) {
            let number = try reader.readUInt64("seqnum", of: "Transaction")
            try reader.finish("Transaction")
            return number
        } catch {
            throw DatabaseFailure(.sequenceNumber, database.name, .unreadable(error))
        }
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        var writer = LegacyLayout.native.writer()
        writer.write(number)
        return writer.finish()
    }

    private func failure(_ cause: DatabaseFailure.Cause) -> DatabaseFailure {
        DatabaseFailure(.commit, database.name, cause)
    }
}

extension Database {
    /// Begins a transaction, and waits for the one of another process in the cluster.
    ///
    /// - Parameters:
    ///   - isReading: whether nothing will be changed; others may read meanwhile.
    ///   - limit: how long to wait for others; nil is the client's limit.
    /// - Returns: the transaction, which holds the lock.
    /// - Throws: `.wrongKind` for a volatile database; `.deadlock` when this process has a
    ///   transaction on it already; `.timedOut`.
    public func begin(
        isReading: Bool = false, within limit: Duration? = nil
    ) throws(DatabaseFailure) -> Transaction {
        guard !isVolatile else { throw DatabaseFailure(.lock, name, .wrongKind) }
        let deadline = Deadline(in: limit ?? client.limit)
        let locks: Database
        do throws(DatabaseFailure) {
            locks = try client.attach(GlobalLock.databaseName)
        } catch {
            throw DatabaseFailure(.attachLocks, name, error.cause)
        }
        let lock = GlobalLock(
            "transaction_db_" + id.padded, server: client.server(id.rawValue), in: locks)
        try lock.lock(isReading ? .read : .write, before: deadline)
        return Transaction(self, isReading: isReading, lock: lock)
    }

    /// Changes the database in a transaction, as often as it takes.
    ///
    /// - Parameters:
    ///   - limit: how long it may take altogether; nil is the client's limit.
    ///   - change: reads and stores; runs again after a conflict, on what is there then. A failure
    ///     thrown here cancels the transaction.
    /// - Returns: what the last run returned.
    /// - Throws: what `begin`, `change` and `commit` throw, but no `.conflict` before the limit.
    public func change<Answer>(
        within limit: Duration? = nil,
        _ change: (Transaction) throws(DatabaseFailure) -> Answer
    ) throws(DatabaseFailure) -> Answer {
        let deadline = Deadline(in: limit ?? client.limit)
        while true {
            let transaction = try begin(within: deadline.remaining)
            do throws(DatabaseFailure) {
                let answer = try change(transaction)
                try transaction.commit(within: deadline.remaining)
                return answer
            } catch {
                try? transaction.cancel()
                guard error.cause == .conflict, error.step == .commit, !deadline.hasPassed else {
                    throw error
                }
            }
        }
    }
}

extension DatabaseSession {
    /// This process, as holders of locks are named.
    func server(_ task: UInt32) -> ServerID {
        let pid = UInt64(UInt32(bitPattern: Credentials.own.pid))
        return ServerID(
            pid: pid, task: task, node: session.pnn, uniqueID: UInt64(task) << 32 | pid)
    }
}

extension DatabaseID {
    /// Eight hexadecimal digits behind `0x`, as the legacy tool prints it.
    public var padded: String {
        let digits = String(rawValue, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
