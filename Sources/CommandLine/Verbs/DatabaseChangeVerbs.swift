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
            Parameter("database", .text, "its name"),
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
        details: "ctdbd refuses it while the tunable AllowClientDBAttach is not 0.",
        { context, invocation throws(Problem) in
            let known = try context.database(try invocation.text("database"))
            let nodes = try context.nodes().filter { $0.flags.isConnected }
            var problems: [Problem] = []
            var done: [PNN] = []
            for answered in try context.ask(.command(.detachDatabase(known.id)), ofEach: nodes) {
                switch answered.result {
                case .success: done.append(answered.node.pnn)
                case .failure(let failure):
                    var problem = Context.problem(failure, among: 1)
                    problem.advice =
                        "ctdb tunable set AllowClientDBAttach 0 --node all; persistent databases "
                        + "stay"
                    problems.append(problem)
                }
            }
            return Runner.done(
                invocation, isDone: problems.isEmpty, nodes: done, problems: problems)
        })

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
        try context.withDatabases("restore") { client throws(DatabaseFailure) in
            let backup = try BackupReader(source)
            let stored = String(decoding: backup.header.name, as: UTF8.self)
            let name = invocation.text(ifGiven: "database") ?? stored
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
        // ctdbd 4.17 ends when it is to vacuum a database that is not volatile.
        guard known.flags.isDisjoint(with: [.persistent, .replicated]) else {
            throw Problem(
                .failed, "vacuum \(known.name)",
                "it is not volatile: its deleted records are cleared with each transaction")
        }
        let request = ControlRequest.databaseVacuum(
            DatabaseVacuum(database: known.id, isFull: invocation.has("full")))
        var done: [PNN] = []
        var problems: [Problem] = []
        let nodes = try context.targets(.local)
        for answered in try context.ask(.command(request), ofEach: nodes) {
            switch answered.result {
            case .success: done.append(answered.node.pnn)
            case .failure(let failure):
                problems.append(Context.problem(failure, among: nodes.count))
            }
        }
        return Runner.done(invocation, isDone: !done.isEmpty, nodes: done, problems: problems)
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
        let nodes = try context.nodes().filter { $0.flags.isConnected }
        var done: [PNN] = []
        var problems: [Problem] = []
        for answered in try context.ask(.command(request), ofEach: nodes) {
            switch answered.result {
            case .success: done.append(answered.node.pnn)
            case .failure(let failure):
                problems.append(Context.problem(failure, among: nodes.count))
            }
        }
        return Runner.done(
            invocation, isDone: problems.isEmpty, nodes: done, problems: problems)
    }
}
