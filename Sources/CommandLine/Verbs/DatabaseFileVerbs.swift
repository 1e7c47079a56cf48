// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import DatabaseClient
import LegacyClient
import LegacyWire
import Presentation
import Sockets
import TrivialDatabase
import Vocabulary

/// `ctdb db file`: files with records in them, past ctdbd.
enum DatabaseFileVerbs {
    static let noun = Noun(
        "file", "Files with records: backups, and TDB files of ctdbd. Needs no ctdbd.",
        [dump, get, set, check])

    private static let file = Parameter("file", .file, "the file")
    private static let columns =
        RecordVerbs.recordColumns + [
            Column("rsn", .number, "grows when the record moves"),
            Column("dmaster", .number, "the node that had the current copy"),
            Column("record_flags", .number, "what ctdbd knows besides"),
        ]
    /// A TDB file begins with this.
    private static let magic = Array("TDB file\n".utf8)

    private static let dump = Verb.read(
        "dump", "Show all records of a backup or of a TDB file.", [file], scope: .none,
        schema: Schema(
            "db.file.dump",
            facts: [
                Column("kind", .text, "`backup` or `tdb`"),
                Column("name", .text, "the database's name, which a TDB file does not have"),
                Column("flags", .words, "what kind of database; a TDB file does not say"),
                Column("made", .text, "when the backup was made, UTC"),
            ], tables: [Schema.Table("records", columns)]),
        details: "Deleted records, which have no value, are among them."
    ) { context, invocation throws(Problem) in
        let path = try invocation.text("file")
        guard try isTDB(path) else { return try backup(path, invocation) }
        let file = try open(path, .reading)
        var rows: [Row] = []
        var problem: Problem?
        do throws(DatabaseFileError) {
            try file.traverse { key, data in
                do throws(WireError) {
                    rows.append(try row(RecordData(key: key[...], data: data[...])))
                    return .next
                } catch {
                    // ctdbd keeps its sequence number in a record without a header.
                    rows.append(Row(RecordVerbs.cells(key, data) + [.none, .none, .none]))
                    return context.surroundings.isInterrupted() ? .stop : .next
                }
            }
        } catch {
            problem = Problem(.failed, "read \(path)", "\(error)")
        }
        return Report(
            invocation.verb.schema, facts: [.text("tdb"), .none, .none, .none], tables: [rows],
            problems: problem.map { [$0] } ?? [])
    }

    /// The records of a backup; those in front of a damaged place are shown.
    private static func backup(
        _ path: String, _ invocation: Invocation
    ) throws(Problem) -> Report {
        let source: RegularFile
        do throws(SystemError) {
            source = try RegularFile(path: path, for: .reading)
        } catch {
            throw Context.system(error, "read")
        }
        let what = "read the backup"
        let backup: BackupReader
        do throws(DatabaseFailure) {
            backup = try BackupReader(source)
        } catch {
            throw Context.problem(error, what)
        }
        var report = Report(
            invocation.verb.schema,
            facts: [
                .text("backup"),
                .text(String(decoding: backup.header.name, as: UTF8.self)),
                .words(Describe.words(backup.header.databaseFlags)),
                Describe.moment(Timeval(seconds: backup.header.time, microseconds: 0)),
            ], tables: [[]])
        for _ in 0..<backup.header.bufferCount {
            do throws(DatabaseFailure) {
                for record in try backup.next().records {
                    do throws(WireError) {
                        report.tables[0].append(try row(record))
                    } catch {
                        throw DatabaseFailure(.backup, path, .unreadable(error))
                    }
                }
            } catch {
                report.problems = [Context.problem(error, what)]
                break
            }
        }
        return report
    }

    private static let get = Verb.read(
        "get", "Show a record of a TDB file.", [file, RecordVerbs.key],
        options: [
            RecordVerbs.isHexadecimal,
            Option(
                "output", value: Parameter("file", .file, "a path"),
                "Write the record with its header into this file, too."),
        ], scope: .none, schema: Schema("db.file.get", facts: columns)
    ) { _, invocation throws(Problem) in
        let path = try invocation.text("file")
        let key = try RecordVerbs.bytes(try invocation.text("key"), invocation)
        let data: [UInt8]?
        let file = try open(path, .reading)
        do throws(DatabaseFileError) {
            data = try file.fetch(key)
        } catch {
            throw Problem(.failed, "read \(path)", "\(error)")
        }
        guard let data else {
            throw Problem(.failed, "read \(path)", "there is no record with this key")
        }
        if let output = invocation.text(ifGiven: "output") {
            do throws(SystemError) {
                let replacement = try FileReplacement(of: output)
                try replacement.file.write(data)
                try replacement.commit()
            } catch {
                throw Context.system(error, "write the record")
            }
        }
        do throws(WireError) {
            let record = RecordData(key: key[...], data: data[...])
            return Report(invocation.verb.schema, facts: try row(record).cells)
        } catch {
            throw Problem(.failed, "read \(path)", "the record has no header of ctdbd: \(error)")
        }
    }

    private static let set = Verb.change(
        "set", "Store a record in a TDB file that no ctdbd uses.",
        [file, RecordVerbs.key, Parameter("value", .text, "the value")],
        options: [
            RecordVerbs.isHexadecimal,
            Option(
                "rsn", value: Parameter("number", .number(0...(.max)), "a number"),
                "The record's sequence number; 0 if not given."),
            Option(
                "dmaster", value: Parameter("node", .node, "a node"),
                "The node that has the record; 0 if not given."),
        ], scope: .none,
        details: "For repairs and tests. What ctdbd has open is changed by db key set."
    ) { context, invocation throws(Problem) in
        let path = try invocation.text("file")
        let key = try RecordVerbs.bytes(try invocation.text("key"), invocation)
        let value = try RecordVerbs.bytes(try invocation.text("value"), invocation)
        let header = RecordHeader(
            rsn: RSN(rawValue: invocation.number(ifGiven: "rsn") ?? 0),
            dmaster: invocation.node(ifGiven: "dmaster") ?? PNN(rawValue: 0))
        let record = RecordData(header: header, key: [], value: value[...], layout: .native)
        let file = try open(path, .writing)
        do throws(DatabaseFileError) {
            try file.store(key, Array(record.data))
        } catch {
            throw Problem(.failed, "write \(path)", "\(error)")
        }
        return Runner.done(invocation, nodes: [])
    }.checked { context, invocation throws(Problem) in
        let path = try invocation.text("file")
        // Whoever repairs a file has mostly stopped its ctdbd.
        guard let session = try? context.session() else { return }
        let databases = try context.databases()
        let questions = databases.map {
            LegacySession.Question<String>(.databasePath($0.id), of: session.pnn)
        }
        let paths = session.ask(questions, within: context.rest)
        for (database, used) in zip(databases, paths) {
            guard let used = try? used.get(), Folder.isSame(used, path) else { continue }
            throw Problem(
                .failed, "write \(path)", "ctdbd has it open, as \(database.name)",
                advice: "ctdb db key set \(database.name) KEY VALUE")
        }
    }

    private static let check = Verb.read(
        "check", "Look whether a TDB file is whole.", [file], scope: .none,
        schema: Schema(
            "db.file.check", facts: [Column("whole", .flag, "whether nothing is wrong with it")]),
        details: "Every byte is read. The exit code is 1 when something is wrong."
    ) { _, invocation throws(Problem) in
        let path = try invocation.text("file")
        let file = try open(path, .reading)
        var problems: [Problem] = []
        do throws(DatabaseFileError) {
            try file.check()
        } catch {
            problems.append(
                Problem(
                    .failed, "check \(path)", "\(error)",
                    advice: "ctdb db restore fills a database from a backup"))
        }
        return Report(
            invocation.verb.schema, facts: [.flag(problems.isEmpty)], problems: problems)
    }

    // MARK: Files

    private static func row(_ record: RecordData) throws(WireError) -> Row {
        let (header, value) = try record.split(layout: .native)
        return Row(
            RecordVerbs.cells(Array(record.key), Array(value)) + [
                .unsigned(header.rsn.rawValue), Describe.node(header.dmaster),
                .number(header.flags.rawValue),
            ])
    }

    private static func isTDB(_ path: String) throws(Problem) -> Bool {
        do throws(SystemError) {
            let file = try RegularFile(path: path, for: .reading)
            return try file.read(upTo: magic.count) == magic
        } catch {
            throw Context.system(error, "read")
        }
    }

    private static func open(
        _ path: String, _ access: DatabaseFile.Access
    ) throws(Problem) -> DatabaseFile {
        guard try isTDB(path) else {
            throw Problem(
                .failed, "open \(path)", "it is no TDB file",
                advice: "ctdb db file dump shows what is in a backup")
        }
        do throws(DatabaseFileError) {
            // Somebody may make the file smaller meanwhile.
            return try DatabaseFile(path: path, access: access, options: [.withoutMap])
        } catch {
            guard access == .reading else {
                throw Problem(
                    .failed, "open \(path)", "\(error)",
                    advice: "files of volatile databases can only be written by their ctdbd")
            }
        }
        do throws(DatabaseFileError) {
            // Locks of volatile databases are in the file itself, and only for who made it.
            return try DatabaseFile(
                path: path, access: access, options: [.withoutMap, .withoutLocks])
        } catch {
            throw Problem(.failed, "open \(path)", "\(error)")
        }
    }
}
