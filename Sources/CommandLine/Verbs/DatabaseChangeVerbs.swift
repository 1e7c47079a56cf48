// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import DatabaseClient
import LegacyClient
import LegacyWire
import Presentation
import Sockets
import TrivialDatabase
import Vocabulary

/// The verbs of `ctdb db` that are about a whole database.
enum DatabaseChangeVerbs {
    private static let database = DatabaseVerbs.parameter
    private static let file = Parameter("file", .file, "the backup's file")

    static let all = [attach, detach, dump, wipe, backup, restore, vacuum, flags]

    private static let attach = Verb.change(
        "attach", "Attach a database, which is made on all nodes when it is missing.",
        [
            Parameter("database", .database, "its name"),
            Parameter(
                "kind", .choice(["volatile", "persistent", "replicated"]),
                "volatile if not given", isOptional: true),
        ], scope: .none
    ) { context, invocation throws(Problem) in
        let name = try invocation.text("database")
        let flags: DatabaseFlags =
            switch invocation.text(ifGiven: "kind") {
            case "persistent": .persistent
            case "replicated": .replicated
            default: []
            }
        try context.withDatabases("attach") { client throws(DatabaseFailure) in
            _ = try client.attach(name, flags: flags)
        }
        return Runner.done(invocation, nodes: [])
    }

    private static let detach = Verb.change(
        "detach", "Detach a volatile database on all nodes, which lose its records.", [database],
        scope: .none,
        details: "Set the tunable AllowClientDBAttach to 0 on all nodes first, and back to 1 "
            + "afterwards. A database with read-only records cannot be detached.",
        { context, invocation throws(Problem) in
            let known = try context.database(try invocation.text("database"))
            let nodes = try context.nodes().filter { $0.flags.isConnected }
            // One ctdbd is asked; it tells the others by itself.
            try context.withDatabases("detach \(known.name)") { client throws(DatabaseFailure) in
                try client.detach(known.id)
            }
            return Runner.done(
                invocation, nodes: nodes.map(\.pnn),
                notes: [
                    "AllowClientDBAttach is still 0, so that no client can attach a database: "
                        + "ctdb tunable set AllowClientDBAttach 1 --node all"
                ])
        }
    ).checked { context, invocation throws(Problem) in
        try checkThatItCanBeDetached(
            context, try context.database(try invocation.text("database")))
    }

    /// What ctdbd refuses, and what it does not survive.
    private static func checkThatItCanBeDetached(
        _ context: Context, _ known: NamedDatabase
    ) throws(Problem) {
        let what = "detach \(known.name)"
        guard known.flags.isDisjoint(with: [.persistent, .replicated]) else {
            throw Problem(.failed, what, "only volatile databases can be detached")
        }
        guard try context.ask(.recoveryMode) == .normal else {
            throw Problem(
                .failed, what, "a recovery goes on", advice: "wait until it has ended")
        }
        for node in try context.nodes() where node.flags.isConnected {
            guard !node.flags.isInactive else {
                throw Problem(
                    .failed, node: node.pnn.rawValue, what,
                    "the node is stopped or banned, and would keep the database",
                    advice: "ctdb node continue \(node.pnn), or ctdb node unban \(node.pnn)")
            }
            let databases = try context.ask(.databaseMap, of: node.pnn).databases
            let flags = databases.first { $0.id == known.id }?.flags ?? []
            guard !flags.contains(.readOnly) else {
                throw Problem(
                    .failed, node: node.pnn.rawValue, what,
                    "the database has read-only records, and ctdbd crashes when it is detached",
                    advice: "it goes when no ctdbd runs any more, as volatile databases do")
            }
            guard try context.ask(.tunable("AllowClientDBAttach"), of: node.pnn) != 1 else {
                throw Problem(
                    .failed, node: node.pnn.rawValue, what, "clients may still attach databases",
                    advice: "ctdb tunable set AllowClientDBAttach 0 --node all")
            }
        }
    }

    private static let dump = Verb.read(
        "dump", "Show all records of a database.", [database],
        options: [Option("local", "Show this node's copies, deleted records included.")],
        scope: .none,
        schema: Schema(
            "db.dump", rows: "records",
            RecordVerbs.recordColumns + [
                Column("rsn", .number, "grows when the record moves"),
                Column("dmaster", .number, "the node that has the current copy"),
            ])
    ) { context, invocation throws(Problem) in
        var rows: [Row] = []
        func take(_ record: Database.Record) {
            rows.append(
                Row(
                    RecordVerbs.cells(record.key, record.value) + [
                        .unsigned(record.header.rsn.rawValue), Describe.node(record.header.dmaster),
                    ]))
        }
        try context.withDatabase(try invocation.text("database"), "read the records") {
            database throws(DatabaseFailure) in
            if invocation.has("local") {
                try database.visitLocalRecords {
                    take($0)
                    return .next
                }
            } else {
                try database.visitRecords {
                    take($0)
                    return .next
                }
            }
        }
        return Report(invocation.verb.schema, rows: rows)
    }

    private static let wipe = Verb.change(
        "wipe", "Delete all records of a database on all nodes.", [database], scope: .none
    ) { context, invocation throws(Problem) in
        try context.withDatabase(try invocation.text("database"), "wipe the records") {
            database throws(DatabaseFailure) in try database.wipe()
        }
        return Runner.done(invocation, nodes: [])
    }

    private static let backup = Verb.change(
        "backup", "Write this node's copies of all records into a file.", [database, file],
        scope: .none, details: "The older tool can restore it, too."
    ) { context, invocation throws(Problem) in
        let path = try invocation.text("file")
        // An older backup of that name stays until this one is whole.
        let known = try context.database(try invocation.text("database"))
        let target: FileReplacement
        do throws(SystemError) {
            target = try FileReplacement(of: path)
        } catch {
            throw Context.system(error, "write the backup")
        }
        let header = try context.withDatabase(known.name, "back up the records") {
            database throws(DatabaseFailure) in
            try database.backUp(to: target.file, time: Program.wallClockSeconds())
        }
        do throws(SystemError) {
            try target.commit()
        } catch {
            throw Context.system(error, "write the backup")
        }
        return Runner.done(invocation, nodes: [], notes: ["\(header.recordCount) records"])
    }

    private static let restore = Verb.change(
        "restore", "Replace what is in a database by a backup, on all nodes.",
        [
            file,
            Parameter(
                "database", .text, "another name than that in the backup", isOptional: true),
        ], scope: .none
    ) { context, invocation throws(Problem) in
        let path = try invocation.text("file")
        let source: RegularFile
        do throws(SystemError) {
            source = try RegularFile(path: path, for: .reading)
        } catch {
            throw Context.system(error, "read the backup")
        }
        let backup = try context.withDatabases("read the backup") {
            _ throws(DatabaseFailure) in try BackupReader(source)
        }
        let name =
            invocation.text(ifGiven: "database")
            ?? String(decoding: backup.header.name, as: UTF8.self)
        let kind: DatabaseFlags = [.persistent, .replicated]
        if let known = try context.databases().first(where: { $0.name == name }),
            known.flags.intersection(kind) != backup.header.databaseFlags.intersection(kind)
        {
            throw Problem(
                .failed, "restore \(name)",
                "the database there and that in the backup are of different kinds",
                advice: "ctdb db list; give another name, or restore into a database of that kind")
        }
        try context.withDatabases("restore") { client throws(DatabaseFailure) in
            let database = try client.attach(name, flags: backup.header.databaseFlags)
            try database.restore(backup)
        }
        return Runner.done(invocation, nodes: [])
    }

    private static let vacuum = Verb.change(
        "vacuum", "Have a node clear a volatile database of deleted records now.", [database],
        options: [Option("full", "Look at every record, not only at those known to be deleted.")]
    ) { context, invocation throws(Problem) in
        let known = try context.database(try invocation.text("database"))
        return try Runner.change(
            context, invocation,
            .databaseVacuum(
                DatabaseVacuum(database: known.id, isFull: invocation.has("full"))),
            on: context.targets(.local))
    }.checked { context, invocation throws(Problem) in
        let known = try context.database(try invocation.text("database"))
        // ctdbd 4.17 ends when it is to vacuum a database that is not volatile.
        guard known.flags.isDisjoint(with: [.persistent, .replicated]) else {
            throw Problem(
                .failed, "vacuum \(known.name)",
                "it is not volatile: its deleted records are cleared with each transaction")
        }
    }

    private static let flags = Verb.change(
        "flags", "Allow read-only copies of a database's records, or make hot ones stay.",
        [
            database,
            Parameter("flag", .choice(["read-only", "sticky"]), "read-only or sticky"),
        ], scope: .none, details: "Done on all nodes that are connected; it cannot be undone."
    ) { context, invocation throws(Problem) in
        let known = try context.database(try invocation.text("database"))
        let request: ControlRequest =
            try invocation.text("flag") == "sticky"
            ? .setDatabaseSticky(known.id) : .setDatabaseReadOnly(known.id)
        return try Runner.change(
            context, invocation, request,
            on: context.nodes().filter { $0.flags.isConnected })
    }.checked { context, invocation throws(Problem) in
        let known = try context.database(try invocation.text("database"))
        guard known.flags.isDisjoint(with: [.persistent, .replicated]) else {
            throw Problem(
                .failed, "flags of \(known.name)", "only volatile databases have such flags")
        }
    }
}
