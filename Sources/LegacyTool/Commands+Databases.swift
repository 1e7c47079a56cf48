// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

// Databases as a whole; their records are elsewhere.

extension Commands {
    static func databaseMap(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("getdbmap") }
        let map = try context.ask(.databaseMap)
        if context.options.isMachineReadable {
            context.printColumns([
                "ID", "Name", "Path", "Persistent", "Sticky", "Unhealthy", "Readonly",
                "Replicated",
            ])
        } else {
            context.print("Number of databases:\(map.databases.count)\n")
        }
        for database in map.databases {
            let name = RawText(try context.ask(.databaseName(database.id)))
            let path = RawText(try context.ask(.databasePath(database.id)))
            let health = try context.ask(.databaseHealth(database.id))
            let flags = database.flags
            if context.options.isMachineReadable {
                let states = [
                    flags.contains(.persistent), flags.contains(.sticky), health != nil,
                    flags.contains(.readOnly), flags.contains(.replicated),
                ]
                let id = FixedPoint.hexadecimal(database.id.rawValue, uppercase: true)
                context.printColumns(
                    ["0x\(id)", name, path] + states.map { $0 ? "1" : "0" })
            } else {
                let words = [
                    flags.contains(.persistent) ? " PERSISTENT" : "",
                    flags.contains(.sticky) ? " STICKY" : "",
                    flags.contains(.readOnly) ? " READONLY" : "",
                    flags.contains(.replicated) ? " REPLICATED" : "",
                    health != nil ? " UNHEALTHY" : "",
                ].joined()
                let id = FixedPoint.hexadecimal(database.id.rawValue)
                context.print("dbid:0x\(id) name:\(name) path:\(path)\(words)\n")
            }
        }
        return 0
    }

    static func databaseStatus(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("getdbstatus") }
        let database = try context.database(arguments[0])
        let path = try context.ask(.databasePath(database.id))
        let health = try context.ask(.databaseHealth(database.id))
        let id = FixedPoint.hexadecimal(database.id.rawValue)
        context.print("dbid: 0x\(id)\nname: \(database.name)\npath: \(path)\n")
        let flags: [(String, DatabaseFlags)] = [
            ("PERSISTENT", .persistent), ("REPLICATED", .replicated), ("STICKY", .sticky),
            ("READONLY", .readOnly),
        ]
        for (word, flag) in flags {
            context.print("\(word): \(database.flags.contains(flag) ? "yes" : "no")\n")
        }
        context.print("HEALTH: \(health ?? "OK")\n")
        return 0
    }

    static func databaseStatistics(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("dbstatistics") }
        let database = try context.database(arguments[0])
        let values = try context.ask(
            .databaseStatistics(database.id),
            complaint: "Failed to get statistics for DB \(database.name)\n")
        context.print("DB Statistics \(database.name)\n")
        context.print(RawText(StatisticsText.forPeople(values)))
        return 0
    }

    static func setDatabaseReadOnly(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("setdbreadonly") }
        let id = try context.volatileDatabase(arguments[0], toSet: "READONLY")
        try context.perform(.setDatabaseReadOnly(id))
        return 0
    }

    static func setDatabaseSticky(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("setdbsticky") }
        let id = try context.volatileDatabase(arguments[0], toSet: "STICKY")
        try context.perform(.setDatabaseSticky(id))
        return 0
    }
}

extension ToolContext {
    fileprivate func volatileDatabase(
        _ argument: RawText, toSet flag: String
    ) throws(ToolExit) -> DatabaseID {
        let database = try database(argument)
        guard database.flags.isDisjoint(with: [.persistent, .replicated]) else {
            complain("\(flag) can be set only on volatile DB\n")
            throw ToolExit(1)
        }
        return database.id
    }
}
