// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import Vocabulary

/// A lock of the whole cluster, kept in a record of a volatile database.
///
/// A holder that has died loses it to the next one who asks: ctdbd knows its clients' processes.
///
/// - Source: `ctdb_g_lock_lock_send` and `ctdb_g_lock_unlock_send`, ctdb/client/client_db.c,
///   Samba 4.17.
struct GlobalLock {
    /// The database of the locks.
    static let databaseName = "g_lock.tdb"
    /// So long at most between two looks at a lock that somebody holds.
    private static let longestPause = Duration.milliseconds(4)

    let locks: Database
    /// The key of its record.
    let key: [UInt8]
    /// Who holds it or wants it.
    let server: ServerID

    init(_ name: String, server: ServerID, in locks: Database) {
        self.locks = locks
        key = Array(name.utf8) + [0]
        self.server = server
    }

    /// Takes the lock, and waits for it.
    ///
    /// - Throws: `.deadlock` when this process has it; `.timedOut`.
    func lock(_ kind: GlobalLockList.Holder.Kind, before deadline: Deadline) throws(DatabaseFailure)
    {
        guard !locks.client.heldLocks.contains(key) else {
            throw DatabaseFailure(.lock, locks.name, .deadlock)
        }
        var pause = Duration.milliseconds(1)
        while true {
            let record = try locks.lockRecord(key, within: deadline.remaining)
            var list = try holders(in: record)
            // This process may not have been able to give it back.
            list.holders.removeAll { $0.server == server }
            if try !isBlocked(kind, by: &list, in: record, before: deadline) {
                list.holders.append(.init(kind: kind, server: server))
                try store(list, in: record)
                try record.release()
                locks.client.heldLocks.insert(key)
                return
            }
            try record.release()
            guard !deadline.hasPassed else {
                throw DatabaseFailure(.lock, locks.name, .timedOut)
            }
            locks.client.session.pause(pause, before: deadline)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Gives the lock back; one that is not held is no failure.
    ///
    /// When that fails this process can take it again nevertheless, and others when it has ended.
    func unlock(before deadline: Deadline) throws(DatabaseFailure) {
        locks.client.heldLocks.remove(key)
        let record = try locks.lockRecord(key, within: deadline.remaining)
        var list = try holders(in: record)
        if let index = list.holders.firstIndex(where: { $0.server == server }) {
            // The last one takes the place, so that a write cut short never hides a holder.
            list.holders.swapAt(index, list.holders.count - 1)
            list.holders.removeLast()
        }
        if list.holders.isEmpty {
            try record.delete()
        } else {
            try store(list, in: record)
        }
        try record.release()
    }

    /// Whether somebody alive has the lock; the dead are taken off the list.
    private func isBlocked(
        _ kind: GlobalLockList.Holder.Kind, by list: inout GlobalLockList,
        in record: LockedRecord, before deadline: Deadline
    ) throws(DatabaseFailure) -> Bool {
        var index = 0
        while index < list.holders.count {
            let holder = list.holders[index]
            if holder.kind == .read, kind == .read {
                index += 1
                continue
            }
            if try isAlive(holder.server, before: deadline) { return true }
            list.holders.swapAt(index, list.holders.count - 1)
            list.holders.removeLast()
            try store(list, in: record)
        }
        return false
    }

    private func isAlive(
        _ server: ServerID, before deadline: Deadline
    ) throws(DatabaseFailure) -> Bool {
        guard let pid = Int32(exactly: server.pid) else { return false }
        do throws(LegacyFailure) {
            _ = try locks.client.session.ask(
                .command(.processExists(pid: pid)), of: server.node, within: deadline.remaining)
            return true
        } catch {
            if case .refused = error.cause { return false }
            throw DatabaseFailure(.checkHolder, locks.name, .legacy(error))
        }
    }

    private func holders(in record: LockedRecord) throws(DatabaseFailure) -> GlobalLockList {
        do throws(WireError) {
            return try GlobalLockList.decode(record.value[...], layout: .native)
        } catch {
            throw DatabaseFailure(.lock, locks.name, .unreadable(error))
        }
    }

    private func store(
        _ list: GlobalLockList, in record: LockedRecord
    ) throws(DatabaseFailure) {
        var writer = LegacyLayout.native.writer()
        list.encode(into: &writer, layout: .native)
        try record.store(writer.finish())
    }
}
