// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyWire
import Sockets
import Vocabulary

// Records of databases with transactions.

extension Commands {
    static func persistentFetch(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("pfetch") }
        let database = try context.attached(try context.transactionalDatabase(arguments[0]))
        let key = try context.data(arguments[1], called: "key")
        let transaction = try context.begin(on: database, isReading: true)
        let value = try context.attempt(
            "Failed to read record for key \(arguments[1])\n"
        ) { () throws(DatabaseFailure) in try transaction.value(of: key) }
        context.print(RecordText.plain(value ?? []) + "\n")
        try? transaction.cancel()
        return 0
    }

    static func persistentStore(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 3 else { throw context.usage("pstore") }
        let database = try context.attached(try context.transactionalDatabase(arguments[0]))
        let key = try context.data(arguments[1], called: "key")
        let value = try context.data(arguments[2], called: "value")
        let transaction = try context.begin(on: database)
        try context.attempt("Failed to store record for key \(arguments[1])\n") {
            () throws(DatabaseFailure) in try transaction.store(value, for: key)
        }
        try context.commit(transaction)
        return 0
    }

    static func persistentDelete(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("pdelete") }
        let database = try context.attached(try context.transactionalDatabase(arguments[0]))
        let key = try context.data(arguments[1], called: "key")
        let transaction = try context.begin(on: database)
        try context.attempt("Failed to delete record for key \(arguments[1])\n") {
            () throws(DatabaseFailure) in try transaction.delete(key)
        }
        try context.commit(transaction)
        return 0
    }

    static func persistentTransaction(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard (1...2).contains(arguments.count) else { throw context.usage("ptrans") }
        let found = try context.transactionalDatabase(arguments[0])
        let file: RegularFile
        do throws(SystemError) {
            file =
                arguments.count == 2
                ? try RegularFile(path: arguments[1].string, for: .reading)
                : try RegularFile.standardInput()
        } catch {
            if arguments.count == 2 { context.complain("Failed to open file \(arguments[1])\n") }
            return 1
        }
        let database = try context.attached(found)
        let transaction = try context.begin(on: database)
        var lines = TransactionLines(file)
        while let line = lines.next() {
            switch TransactionLines.meaning(of: line) {
            case .nothing: break
            case .wrong(let complaint): context.complain(complaint)
            case .change(let key, let value):
                try context.attempt("Failed to store record\n") { () throws(DatabaseFailure) in
                    try transaction.store(value, for: key)
                }
            }
        }
        try context.commit(transaction)
        return 0
    }
}

extension ToolContext {
    fileprivate func transactionalDatabase(
        _ argument: RawText
    ) throws(ToolExit) -> Database {
        let database = try database(argument)
        guard !database.flags.isDisjoint(with: [.persistent, .replicated]) else {
            complain("Transactions not supported on DB \(database.name)\n")
            throw ToolExit(1)
        }
        return database
    }

    fileprivate func begin(
        on database: DatabaseClient.Database, isReading: Bool = false
    ) throws(ToolExit) -> Transaction {
        do throws(DatabaseFailure) {
            return try database.begin(isReading: isReading, within: Self.endless)
        } catch {
            let exit = logged(error)
            if exit.isFinal { throw exit }
            let lock = "transaction_db_\(database.id.padded)"
            if case .attachLocks = error.step {
                log(.error, "transaction_start: \(database.name) attach g_lock.tdb failed\n")
            } else {
                switch (error.step, error.cause) {
                case (.checkHolder, _):
                    log(
                        .error, "g_lock_lock: \(lock) PROCESS_EXISTS failed, ret=\(exit.code)\n")
                case (.lock, .deadlock): log(.error, "g_lock_lock: \(lock) deadlock\n")
                case (.lock, .unreadable):
                    log(.error, "g_lock_lock: \(lock) invalid lock data\n")
                default: log(.error, "g_lock_lock: \(lock) fetch lock failed\n")
                }
                log(
                    .error,
                    """
                    transaction_start: \(database.name) g_lock lock failed, \
                    ret=\(exit.code)\n
                    """)
            }
            complain("Failed to start transaction on db \(database.name)\n")
            throw exit
        }
    }

    fileprivate func commit(_ transaction: Transaction) throws(ToolExit) {
        try attempt("Failed to commit transaction on db \(transaction.database.name)\n") {
            () throws(DatabaseFailure) in try transaction.commit(within: Self.endless)
        }
    }
}
