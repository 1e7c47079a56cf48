// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyWire
import TrivialDatabase
import Vocabulary

// Records of volatile databases, and lists of records of all.

extension Commands {
    static func catDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("catdb") }
        let database = try context.attached(try context.database(arguments[0]))
        var count = 0
        var code: Int32 = 0
        do throws(DatabaseFailure) {
            try database.visitRecords(of: context.node, within: ToolContext.endless) { record in
                count += 1
                context.print(
                    RecordText.dump(record.header, key: record.key, value: record.value))
                return .next
            }
        } catch {
            let exit = context.logged(error)
            if exit.isFinal { throw exit }
            code = exit.code
        }
        context.print("Dumped \(count) records\n")
        return code
    }

    static func catLocalDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("cattdb") }
        let database = try context.attached(try context.database(arguments[0]))
        var count = 0
        var code: Int32 = 0
        do throws(DatabaseFailure) {
            try database.visitLocalRecords { record in
                count += 1
                context.print(
                    RecordText.dump(record.header, key: record.key, value: record.value))
                return .next
            }
        } catch {
            code = context.logged(error).code
        }
        context.print("Dumped \(count) record(s)\n")
        return code
    }

    static func readKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard (2...3).contains(arguments.count) else { throw context.usage("readkey") }
        if arguments.count == 3, !(arguments[2] == "readonly") { throw context.usage("readkey") }
        let database = try context.volatileDatabase(arguments[0])
        let key = try context.data(arguments[1], called: "key")
        let record = try context.lockedRecord(
            key, of: database, isReading: arguments.count == 3,
            complaint: "Failed to read record for key \(arguments[1])\n")
        let text = RecordText.plain(record.value)
        context.print("Data: size:\(record.value.count) ptr:[\(text)]\n")
        return 0
    }

    static func writeKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 3 else { throw context.usage("writekey") }
        let database = try context.volatileDatabase(arguments[0])
        let key = try context.data(arguments[1], called: "key")
        let value = try context.data(arguments[2], called: "value")
        let record = try context.lockedRecord(
            key, of: database, complaint: "Failed to lock record for key \(arguments[0])\n")
        try context.attempt("Failed to store record for key \(arguments[1])\n") {
            () throws(DatabaseFailure) in try record.store(value)
        }
        return 0
    }

    static func deleteKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("deletekey") }
        let database = try context.volatileDatabase(arguments[0])
        let key = try context.data(arguments[1], called: "key")
        let record = try context.lockedRecord(
            key, of: database, complaint: "Failed to fetch record for key \(arguments[1])\n")
        try context.attempt("Failed to delete record for key \(arguments[1])\n") {
            () throws(DatabaseFailure) in try record.delete()
        }
        return 0
    }
}

extension ToolContext {
    /// Does something with a database, and says what failed.
    func attempt<Answer>(
        _ complaint: RawText, _ work: () throws(DatabaseFailure) -> Answer
    ) throws(ToolExit) -> Answer {
        do throws(DatabaseFailure) {
            return try work()
        } catch {
            let exit = logged(error)
            if !exit.isFinal { complain(complaint) }
            throw exit
        }
    }

    fileprivate func volatileDatabase(
        _ argument: RawText
    ) throws(ToolExit) -> DatabaseClient.Database {
        let database = try database(argument)
        guard database.flags.isDisjoint(with: [.persistent, .replicated]) else {
            complain("DB \(database.name) is not a volatile database\n")
            throw ToolExit(1)
        }
        return try attached(database)
    }

    fileprivate func lockedRecord(
        _ key: [UInt8], of database: DatabaseClient.Database, isReading: Bool = false,
        complaint: RawText
    ) throws(ToolExit) -> LockedRecord {
        try attempt(complaint) { () throws(DatabaseFailure) in
            try database.lockRecord(key, isReading: isReading, within: Self.endless)
        }
    }
}
