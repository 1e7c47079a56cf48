// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb db`: the databases of the cluster.
enum DatabaseVerbs {
    static let noun = Noun(
        "db", "The databases of the cluster.",
        [list, status, show, statistics] + DatabaseChangeVerbs.all + [RecordVerbs.transaction],
        nouns: [RecordVerbs.noun, DatabaseFileVerbs.noun])

    static let parameter = Parameter("database", .database, "its name, or its number as 0x...")
    static let columns = [
        Column("name", .text, "its name"),
        Column("id", .text, "its number, the hash of its name"),
        Column("flags", .words, "volatile, persistent or replicated, and read-only, sticky"),
    ]

    static let list = Verb.read(
        "list", "List the databases that are attached.",
        schema: Schema("db.list", rows: "databases", columns)
    ) { context, invocation throws(Problem) in
        let databases = try context.databases(of: try context.target())
        return Report(
            invocation.verb.schema,
            rows: databases.map {
                Row([.text($0.name), id($0.id), .words(Describe.words($0.flags))])
            })
    }

    static func id(_ id: DatabaseID) -> Value {
        let digits = String(id.rawValue, radix: 16)
        return .text("0x" + String(repeating: "0", count: 8 - digits.count) + digits)
    }

    static let status = Verb.read(
        "status", "Say which databases are whole.",
        [Parameter("database", .database, "only this one", isOptional: true)],
        schema: Schema(
            "db.status", rows: "databases",
            [
                NodeVerbs.nodeColumn, columns[0], columns[1],
                Column("healthy", .flag, "whether its file is whole"),
                Column("reason", .text, "why it is not"),
            ])
    ) { context, invocation throws(Problem) in
        var databases = try context.databases()
        if let word = invocation.text(ifGiven: "database") {
            databases = [try context.database(word)]
        }
        let nodes = try context.targets(.local)
        let (rows, problems) = try health(context, databases, nodes)
        return Report(invocation.verb.schema, rows: rows, problems: problems)
    }

    /// A row for each database on each node, all asked at once.
    static func health(
        _ context: Context, _ databases: [NamedDatabase], _ nodes: [NodeMap.Node]
    ) throws(Problem) -> ([Row], [Problem]) {
        let session = try context.session()
        let reached = nodes.filter { $0.flags.isConnected }
        let questions = reached.flatMap { node in
            databases.map { LegacySession.Question<String?>(.databaseHealth($0.id), of: node.pnn) }
        }
        var answers = session.ask(questions, within: context.rest)[...]
        var rows: [Row] = []
        var problems: [Problem] = []
        for node in nodes where !node.flags.isConnected {
            problems.append(
                Problem(.incomplete, node: node.pnn.rawValue, "ask", "disconnected"))
        }
        for node in reached {
            var isTold = false
            for database in databases {
                let start = [
                    Value.number(node.pnn.rawValue), .text(database.name), id(database.id),
                ]
                switch answers.popFirst() {
                case .success(let reason):
                    rows.append(
                        Row(
                            start + [.flag(reason == nil), Value(reason)],
                            tone: reason == nil ? .good : .bad))
                case .failure(let failure):
                    rows.append(
                        Row(
                            start + [.none, .none], tone: .bad,
                            problem: context.short(failure)))
                    if !isTold { problems.append(context.problem(failure)) }
                    isTold = true
                case nil: break
                }
            }
        }
        return (rows, Context.settled(problems, among: nodes.count))
    }

    static let show = Verb.read(
        "show", "Show all that is known of a database.", [parameter],
        schema: Schema(
            "db.show",
            facts: columns + [
                Column("path", .text, "its file on the node asked"),
                Column("healthy", .flag, "whether its file is whole"),
                Column("reason", .text, "why it is not"),
                Column("sequence_number", .number, "grows with each change; none if not counted"),
            ])
    ) { context, invocation throws(Problem) in
        let database = try context.database(try invocation.text("database"))
        let node = try context.target()
        let path = try context.ask(.databasePath(database.id), of: node)
        let reason = try context.ask(.databaseHealth(database.id), of: node)
        let number: Value =
            if database.flags.isDisjoint(with: [.persistent, .replicated]) {
                .none
            } else {
                .unsigned(try context.ask(.sequenceNumber(database.id), of: node))
            }
        return Report(
            invocation.verb.schema,
            facts: [
                .text(database.name), id(database.id), .words(Describe.words(database.flags)),
                .text(path), .flag(reason == nil), Value(reason), number,
            ])
    }

    static let statistics = Verb.read(
        "statistics", "Show what ctdbd counts for a database.", [parameter],
        schema: Schema(
            "db.statistics",
            tables: [
                Schema.Table(
                    "counters",
                    [
                        NodeVerbs.nodeColumn, Column("name", .text, "what is counted"),
                        Column("value", .real, "how often, or seconds"),
                    ]),
                Schema.Table(
                    "hot_keys",
                    [
                        NodeVerbs.nodeColumn,
                        Column("hops", .number, "the most hops that a call for it took"),
                        Column("key", .text, "the record's key in hexadecimal"),
                    ]),
            ])
    ) { context, invocation throws(Problem) in
        let database = try context.database(try invocation.text("database"))
        let nodes = try context.targets(.local)
        var counters: [Row] = []
        var keys: [Row] = []
        var problems: [Problem] = []
        let query = LegacyQuery.databaseStatistics(database.id)
        for answered in try context.ask(query, ofEach: nodes) {
            let number = Value.number(answered.node.pnn.rawValue)
            switch answered.result {
            case .failure(let failure):
                counters.append(
                    Row([number, .none, .none], tone: .bad, problem: context.short(failure)))
                problems.append(context.problem(failure))
            case .success(let statistics):
                counters += StatisticsVerbs.fields(statistics).map {
                    Row([number, .text($0.name), $0.value])
                }
                keys += statistics.hotKeys.filter { !$0.key.isEmpty }.map {
                    Row([number, .number($0.count), .text(hexadecimal($0.key))])
                }
            }
        }
        return Report(
            invocation.verb.schema, tables: [counters, keys],
            problems: Context.settled(problems, among: nodes.count))
    }

    static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}
