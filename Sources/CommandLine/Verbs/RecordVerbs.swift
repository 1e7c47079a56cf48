// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import DatabaseClient
import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb db key` and `ctdb db transaction`: records.
enum RecordVerbs {
    private static let database = DatabaseVerbs.parameter
    static let key = Parameter("key", .text, "the record's key")
    static let isHexadecimal = Option(
        "hex", "Keys and values are given in hexadecimal.")

    static let recordColumns = [
        Column("key", .text, "the key; none if it is not UTF-8"),
        Column("value", .text, "the value; none if it is not UTF-8"),
        Column("key_hex", .text, "the key in hexadecimal"),
        Column("value_hex", .text, "the value in hexadecimal"),
    ]

    static func cells(_ key: [UInt8], _ value: [UInt8]) -> [Value] {
        [
            Value(String(validating: key, as: UTF8.self)),
            Value(String(validating: value, as: UTF8.self)),
            .text(DatabaseVerbs.hexadecimal(key[...])),
            .text(DatabaseVerbs.hexadecimal(value[...])),
        ]
    }

    /// The bytes that a word means.
    static func bytes(
        _ word: String, _ invocation: Invocation
    ) throws(Problem) -> [UInt8] {
        guard invocation.has("hex") else { return Array(word.utf8) }
        let digits = Array(word.utf8)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count - digits.count % 2, by: 2) {
            let pair = String(decoding: digits[index...(index + 1)], as: UTF8.self)
            guard pair.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
                let byte = UInt8(pair, radix: 16)
            else { break }
            bytes.append(byte)
        }
        guard bytes.count * 2 == digits.count else {
            throw Problem(
                .usage, "--hex",
                "\"\(CommandParser.shortened(word))\" is not hexadecimal: two digits a byte")
        }
        return bytes
    }

    static let noun = Noun("key", "Records of a database.", [get, set, delete])

    private static let get = Verb.read(
        "get", "Show a record.", [database, key], options: [isHexadecimal], scope: .none,
        schema: Schema("db.key.get", facts: recordColumns),
        details: "A record of a volatile database moves to this node."
    ) { context, invocation throws(Problem) in
        let key = try bytes(try invocation.text("key"), invocation)
        let value = try context.withDatabase(try invocation.text("database"), "read the record") {
            database throws(DatabaseFailure) -> [UInt8]? in
            guard database.isVolatile else { return try database.value(of: key) }
            let record = try database.lockRecord(key, isReading: true)
            let value = record.value
            try record.release()
            return value.isEmpty ? nil : value
        }
        guard let value else {
            throw Problem(.failed, "read the record", "there is none with this key")
        }
        return Report(invocation.verb.schema, facts: cells(key, value))
    }

    private static let set = Verb.change(
        "set", "Store a record.",
        [database, key, Parameter("value", .text, "the value; not empty")],
        options: [isHexadecimal], scope: .none
    ) { context, invocation throws(Problem) in
        let key = try bytes(try invocation.text("key"), invocation)
        let value = try bytes(try invocation.text("value"), invocation)
        guard !value.isEmpty else {
            throw Problem(
                .usage, "store the record", "a record without a value is no record",
                advice: "ctdb db key delete")
        }
        try store(context, invocation, [(key, value)], "store the record")
        return Runner.done(invocation, nodes: [])
    }

    private static let delete = Verb.change(
        "delete", "Delete a record.", [database, key], options: [isHexadecimal], scope: .none
    ) { context, invocation throws(Problem) in
        let key = try bytes(try invocation.text("key"), invocation)
        try store(context, invocation, [(key, [])], "delete the record")
        return Runner.done(invocation, nodes: [])
    }

    /// Stores records; an empty value deletes one.
    private static func store(
        _ context: Context, _ invocation: Invocation,
        _ records: [(key: [UInt8], value: [UInt8])], _ what: String
    ) throws(Problem) {
        try context.withDatabase(try invocation.text("database"), what) {
            database throws(DatabaseFailure) in
            guard database.isVolatile else {
                return try database.change { transaction throws(DatabaseFailure) in
                    for (key, value) in records { try transaction.store(value, for: key) }
                }
            }
            for (key, value) in records {
                let record = try database.lockRecord(key)
                do throws(DatabaseFailure) {
                    if value.isEmpty { try record.delete() } else { try record.store(value) }
                } catch {
                    try? record.release()
                    throw error
                }
                try record.release()
            }
        }
    }

    static let transaction = Verb.change(
        "transaction", "Change records in one transaction: all of them, or none.", [database],
        options: [isHexadecimal], scope: .none,
        details: "Reads lines from standard input: set KEY VALUE, or delete KEY. Nothing is "
            + "changed when a line is wrong. For persistent and replicated databases."
    ) { context, invocation throws(Problem) in
        let known = try context.database(try invocation.text("database"))
        guard !known.flags.isDisjoint(with: [.persistent, .replicated]) else {
            throw Problem(
                .failed, "db transaction", "a volatile database has no transactions",
                advice: "ctdb db key set changes one record")
        }
        var records: [(key: [UInt8], value: [UInt8])] = []
        var splitter = LineSplitter()
        var isAtEnd = false
        while !isAtEnd {
            let part = context.surroundings.input()
            isAtEnd = part.isEmpty
            let lines = isAtEnd ? splitter.end().map { [$0] } ?? [] : splitter.append(part)
            for line in lines {
                guard case .text(let text) = line.content else {
                    throw Problem(.usage, "line \(line.number)", "too long, or not UTF-8")
                }
                let words = try Words.split(text)
                switch (words.first, words.count) {
                case (nil, _): continue
                case ("set", 3) where !words[2].isEmpty:
                    records.append(
                        (
                            try RecordVerbs.bytes(words[1], invocation),
                            try RecordVerbs.bytes(words[2], invocation)
                        ))
                case ("delete", 2):
                    records.append((try RecordVerbs.bytes(words[1], invocation), []))
                default:
                    throw Problem(
                        .usage, "line \(line.number)", "neither set KEY VALUE nor delete KEY")
                }
            }
        }
        guard !context.surroundings.isInterrupted() else {
            throw Problem(.failed, "change the records", "interrupted; nothing was changed")
        }
        try store(context, invocation, records, "change the records")
        return Runner.done(invocation, nodes: [], notes: ["\(records.count) records changed"])
    }
}
