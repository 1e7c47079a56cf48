// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Presentation
import Sockets

/// `ctdb event replay`: decides again about an event that the event daemons have seen differently.
enum EventReplayVerb {
    /// So many bytes of a record are read.
    private static let limit = 16 << 20

    static let replay = Verb.read(
        "replay", "Decide again about an event that has run; nothing is run.",
        [
            Parameter(
                "file", .file, "a record of an event; standard input if not given or -",
                isOptional: true)
        ], scope: .none,
        schema: Schema(
            "event.replay",
            facts: [
                Column("component", .text, "the folder of the scripts"),
                Column("event", .text, "what has happened"),
                Column("legacy_summary", .number, "what the legacy event daemon made of it"),
                Column("summary", .number, "what ctdb-eventd makes of it"),
                Column("answer", .number, "what ctdbd would be told: 0 or an errno"),
            ],
            tables: [
                Schema.Table(
                    "scripts",
                    [
                        Column("script", .text, "its name"),
                        Column("legacy", .number, "its result with the legacy event daemon"),
                        Column("own", .number, "its result with ctdb-eventd"),
                    ]),
                Schema.Table(
                    "differences",
                    [
                        Column("field", .text, "which field of the decision"),
                        Column("legacy", .text, "what the legacy event daemon decided"),
                        Column("own", .text, "what ctdb-eventd decides"),
                    ]),
            ]),
        details:
            "\"ctdb stage report event --save DIRECTORY\" saves the records of examples. The exit "
            + "code is 1 when the two differ."
    ) { context, invocation throws(Problem) in
        let bytes = try contents(invocation.text(ifGiven: "file") ?? "-", context)
        let record: EventRecord
        do throws(EventRecord.Malformed) {
            record = try EventRecord(json: bytes)
        } catch {
            throw Problem(.usage, "read the record", "\(error)")
        }
        return report(record, invocation)
    }

    private static func report(_ record: EventRecord, _ invocation: Invocation) -> Report {
        let own = record.decide()
        let differences = record.differences
        var names = record.status.scripts.map { $0.nameBytes ?? [] }
        for script in own.status.scripts where !names.contains(script.nameBytes ?? []) {
            names.append(script.nameBytes ?? [])
        }
        func result(_ status: EventStatus, _ name: [UInt8]) -> Int32? {
            status.scripts.first { ($0.nameBytes ?? []) == name }?.result
        }
        let scripts = names.map { name in
            let (legacy, own) = (result(record.status, name), result(own.status, name))
            return Row(
                [
                    .text(EventText(name).description),
                    legacy.map { .number(Int64($0)) } ?? .none,
                    own.map { .number(Int64($0)) } ?? .none,
                ], tone: legacy == own ? .good : .bad)
        }
        return Report(
            invocation.verb.schema,
            facts: [
                .text(record.component.description), .text(record.event.description),
                .number(Int64(record.status.summary)), .number(Int64(own.status.summary)),
                .number(Int64(own.answer)),
            ],
            tables: [
                scripts,
                differences.map { Row([.text($0.field), .text($0.legacy), .text($0.own)]) },
            ],
            problems: differences.isEmpty
                ? []
                : [
                    Problem(
                        .failed, "event \(record.event)",
                        "the two event daemons decide differently")
                ])
    }

    private static func contents(
        _ path: String, _ context: Context
    ) throws(Problem) -> [UInt8] {
        guard path == "-" else {
            do throws(SystemError) {
                return try SmallFile.read(path, limit: limit)
            } catch {
                throw Context.system(error, "read the record")
            }
        }
        var bytes: [UInt8] = []
        while case let more = context.surroundings.input(), !more.isEmpty {
            bytes += more
            guard bytes.count <= limit else {
                throw Problem(.usage, "read the record", "it has more than \(limit) bytes")
            }
        }
        return bytes
    }
}
