// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import DatabaseClient
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

/// Works on records, for tests that start it on a node of the laboratory.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-records",
        abstract: "Work on records of clustered databases, for tests.",
        subcommands: [Increment.self, Visit.self, Local.self, Wipe.self, Backup.self, Restore.self])
}

/// What each command is told.
struct Surroundings: ParsableArguments {
    @Option(help: "ctdbd's socket.")
    var socket = "/run/ctdb/ctdbd.socket"

    @Option(help: "How many seconds each operation may take.")
    var limit: Int = 60

    @Option(help: "The database.")
    var database: String

    func open() throws -> Database {
        let limit = Duration.seconds(Int64(limit))
        let session = try LegacySession(socketPath: socket, within: limit)
        return try DatabaseSession(session: session, limit: limit).open(database)
    }
}

/// Adds one to a number in a record, again and again.
struct Increment: ParsableCommand {
    @OptionGroup var surroundings: Surroundings

    @Option(help: "The record's key.")
    var key = "counter"

    @Option(help: "How often.")
    var count: Int = 100

    func run() throws {
        let database = try surroundings.open()
        let key = Array(key.utf8)
        for _ in 0..<count {
            let number =
                try database.isVolatile ? addOne(in: database, key) : commitOne(in: database, key)
            // A line says that it has happened, so that a killed process has said how far it was.
            try StandardStreams.write(Array("\(number)\n".utf8), to: 1)
        }
    }

    private func commitOne(in database: Database, _ key: [UInt8]) throws -> Int {
        try database.change { transaction throws(DatabaseFailure) in
            let next = Self.number(try transaction.value(of: key)) + 1
            try transaction.store(Array("\(next)".utf8), for: key)
            // A second record that must always agree with the first.
            try transaction.store(Array("\(next)".utf8), for: key + Array(".copy".utf8))
            return next
        }
    }

    private func addOne(in database: Database, _ key: [UInt8]) throws -> Int {
        let record = try database.lockRecord(key)
        let next = Self.number(record.value) + 1
        try record.store(Array("\(next)".utf8))
        try record.release()
        return next
    }

    static func number(_ value: [UInt8]?) -> Int {
        value.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }
}

/// Prints every record of the cluster.
struct Visit: ParsableCommand {
    @OptionGroup var surroundings: Surroundings

    func run() throws {
        let count = try surroundings.open().visitRecords { record in
            let key = String(decoding: record.key, as: UTF8.self)
            print("\(key)=\(String(decoding: record.value, as: UTF8.self))")
            return .next
        }
        print("\(count) records")
    }
}

/// Prints what the file of a persistent database has, without ctdbd.
struct Local: ParsableCommand {
    @Argument(help: "The file.")
    var path: String

    func run() throws {
        let copy = try LocalCopy(path: path)
        for (key, value) in copy.values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let key = String(decoding: key, as: UTF8.self)
            print("\(key)=\(String(decoding: value, as: UTF8.self))")
        }
        print("sequence number \(copy.sequenceNumber)")
    }
}

/// Empties a database on all nodes.
struct Wipe: ParsableCommand {
    @OptionGroup var surroundings: Surroundings

    func run() throws { try surroundings.open().wipe() }
}

/// Writes a database into a file.
struct Backup: ParsableCommand {
    @OptionGroup var surroundings: Surroundings

    @Argument(help: "The file.")
    var path: String

    func run() throws {
        let file = try RegularFile(path: path, for: .replacing(permissions: 0o600))
        let header = try surroundings.open().backUp(to: file, time: 0)
        print("\(header.recordCount) records")
    }
}

/// Replaces what is in a database by a backup.
struct Restore: ParsableCommand {
    @OptionGroup var surroundings: Surroundings

    @Argument(help: "The file.")
    var path: String

    func run() throws {
        let backup = try BackupReader(RegularFile(path: path, for: .reading))
        try surroundings.open().restore(backup)
    }
}
