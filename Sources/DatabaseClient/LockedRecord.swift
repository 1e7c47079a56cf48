// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import TrivialDatabase
import Vocabulary

/// A record of a volatile database that is on this node, and stays while this is kept.
///
/// The chain of the record is locked: nobody else on this node reads or writes it, and ctdbd gives
/// it to no other node. Keep it for as short as can be. It is released when it goes away.
public final class LockedRecord {
    /// The record's key.
    public let key: [UInt8]
    /// What ctdbd knows about the copy.
    public let header: RecordHeader
    /// The record's data when it was locked; empty for one that is not there.
    public let value: [UInt8]
    /// Whether it is one of several copies, which nobody may change.
    public let isReadOnly: Bool
    private let database: Database
    private var isLocked = true

    fileprivate init(_ record: Database.Record, of database: Database) {
        key = record.key
        header = record.header
        value = record.value
        isReadOnly = !record.header.flags.isDisjoint(
            with: [.readOnlyCopy, .readOnlyHasDelegations])
        self.database = database
    }

    deinit { try? release() }

    /// Writes the record.
    ///
    /// - Throws: `.readOnlyRecord`, `.invalidUse` after `release`, and what the file gives.
    public func store(_ value: [UInt8]) throws(DatabaseFailure) {
        try write(value, .writeRecord)
    }

    /// Empties the record, and has ctdbd take it away on all nodes when it gets to it.
    ///
    /// - Throws: what `store` throws; `.legacy` when it is empty, but ctdbd was not told, which
    ///   leaves it to the next vacuuming.
    public func delete() throws(DatabaseFailure) {
        try write([], .writeRecord)
        let deletion = ScheduledDeletion(database: database.id, header: header, key: key[...])
        _ = try database.client.ask(
            .command(.scheduleForDeletion(deletion)), .scheduleDeletion, database.name,
            Deadline(in: database.client.limit))
    }

    /// Lets others at the record.
    public func release() throws(DatabaseFailure) {
        guard isLocked else { return }
        isLocked = false
        try database.attempt(.lockRecord) { () throws(DatabaseFileError) in
            try database.file.unlockChain(of: key)
        }
    }

    private func write(_ value: [UInt8], _ step: DatabaseFailure.Step) throws(DatabaseFailure) {
        guard isLocked else { throw DatabaseFailure(step, database.name, .invalidUse) }
        guard !isReadOnly else { throw DatabaseFailure(step, database.name, .readOnlyRecord) }
        let head = RecordData(
            header: header, key: [], value: [], layout: .native)
        try database.attempt(step) { () throws(DatabaseFileError) in
            try database.file.store(key, Array(head.data), value)
        }
    }
}

extension Database {
    /// A lock that is not free is looked at so soon again, and then less and less often.
    private static let firstPause = Duration.microseconds(200)
    private static let longestPause = Duration.milliseconds(10)

    /// Makes a record come to this node, and locks it there.
    ///
    /// - Parameters:
    ///   - key: the record's key; it need not exist, and must not be empty.
    ///   - isReading: whether a read-only copy is enough, where the database has such.
    ///   - limit: how long it may take; nil is the client's limit. A recovery makes everybody wait.
    /// - Returns: the record, locked.
    /// - Throws: `.wrongKind` for a database with transactions; `.timedOut`; what ctdbd or the file
    ///   gives.
    public func lockRecord(
        _ key: [UInt8], isReading: Bool = false, within limit: Duration? = nil
    ) throws(DatabaseFailure) -> LockedRecord {
        guard isVolatile else { throw DatabaseFailure(.lockRecord, name, .wrongKind) }
        let deadline = Deadline(in: limit ?? client.limit)
        while true {
            try lockChain(of: key, before: deadline)
            do throws(DatabaseFailure) {
                if let record = try localRecord(key), isHere(record.header, isReading) {
                    return LockedRecord(record, of: self)
                }
            } catch {
                try? file.unlockChain(of: key)
                throw error
            }
            try attempt(.lockRecord) { () throws(DatabaseFileError) in
                try file.unlockChain(of: key)
            }
            try migrate(key, isReading, before: deadline)
        }
    }

    /// Whether the copy may be used on this node.
    private func isHere(_ header: RecordHeader, _ isReading: Bool) -> Bool {
        let isOwner = header.dmaster == client.session.pnn
        if isReading {
            return isOwner
                || !header.flags.isDisjoint(with: [.readOnlyCopy, .readOnlyHasDelegations])
        }
        return isOwner && !header.flags.contains(.readOnlyHasDelegations)
    }

    private func lockChain(
        of key: [UInt8], before deadline: Deadline
    ) throws(DatabaseFailure) {
        var pause = Self.firstPause
        while true {
            let isLocked = try attempt(.lockRecord) { () throws(DatabaseFileError) in
                try file.tryLockChain(of: key)
            }
            if isLocked { return }
            guard !deadline.hasPassed else {
                throw DatabaseFailure(.lockRecord, name, .timedOut)
            }
            client.session.pause(pause, before: deadline)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Has ctdbd bring the record here, or a read-only copy.
    private func migrate(
        _ key: [UInt8], _ isReading: Bool, before deadline: Deadline
    ) throws(DatabaseFailure) {
        guard !key.isEmpty else { throw DatabaseFailure(.migrate, name, .invalidUse) }
        let call = RequestCall(
            flags: isReading ? [.immediateMigration, .wantReadOnly] : .immediateMigration,
            database: id, function: RequestCall.nullFunction, hopCount: 0, key: key[...],
            data: [])
        let status: Int32
        do throws(LegacyFailure) {
            status = try client.session.call(call, within: deadline.remaining).status
        } catch {
            throw DatabaseFailure(.migrate, name, .legacy(error))
        }
        guard status == 0 else {
            throw DatabaseFailure(.migrate, name, .callRefused(status: status))
        }
    }
}
