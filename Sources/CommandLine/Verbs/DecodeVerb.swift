// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import LegacyWire
import PeerWire
import Presentation
import Vocabulary

/// `ctdb capture decode`: what is in a capture, packet by packet.
enum DecodeVerb {
    /// Bytes that are collected before they are written.
    private static let pieceByteCount = 1 << 16

    private static let schema = Schema(
        "capture.packet",
        facts: [
            Column("number", .number, "its number in the file, as Wireshark counts"),
            Column("time", .text, "when it was seen, UTC"),
            Column("interface", .text, "where it was seen"),
            Column("from", .text, "who sent it: address and port"),
            Column("to", .text, "who it was for: address and port"),
            Column(
                "protocol", .text, "`legacy`, `peer`, `event`, `gap`, `unreadable` or `foreign`"),
            Column("operation", .text, "the operation of a legacy packet"),
            Column("control", .text, "the control that it asks or answers"),
            Column("source", .text, "the node that it is from, or a group of nodes"),
            Column("destination", .text, "the node that it is for"),
            Column("reqid", .number, "pairs requests and answers"),
            Column("srvid", .text, "what it is about, in hexadecimal"),
            Column("database", .text, "the database that it is about, in hexadecimal"),
            Column("status", .number, "what an answer says"),
            Column("bytes", .number, "its length"),
            Column("answers", .number, "the number of the packet that it answers"),
            Column("latency_us", .real, "how long after that it came, in microseconds"),
            Column("detail", .text, "what is wrong with it, or what people noted about it"),
            Column("fields", .objects, "with `--tree`: everything in it, by names"),
        ])

    static let verb = Verb.lines(
        "decode", "Show the packets of a capture, one in a line.", [CaptureChoice.file],
        options: CaptureChoice.options + [
            Option("tree", "Show every field of every packet.")
        ], schema: schema,
        details: "Reads pcap and pcapng files of tcpdump, Wireshark and ctdb capture; TCP "
            + "connections are put together, whatever came late, twice or not at all. With "
            + "`--json` each packet is an object in a line of its own. The exit code is 3 when a "
            + "part of the file cannot be read; what stands in front of it is shown."
    ) { context, invocation, write throws(Problem) in
        let path = try invocation.text("file")
        var filter = try CaptureChoice.filter(invocation)
        let input = try CaptureChoice.open(path, invocation)
        var printer = Printer(invocation)
        do throws(CaptureFileError) {
            while let sighting = try input.next() {
                guard filter.accepts(sighting) else { continue }
                printer.add(sighting, input.interfaces)
                guard printer.byteCount >= pieceByteCount else { continue }
                if !write(printer.take()) || context.surroundings.isInterrupted() { return [] }
            }
        } catch {
            _ = write(printer.take())
            throw CaptureChoice.problem(error)
        }
        _ = write(printer.take())
        return CaptureChoice.problems(input, path)
    }

    /// Sightings in the form that is wanted.
    private struct Printer {
        private let format: Settings.Format
        private let isTree: Bool
        private var lines = SightingLines()
        private var text = ""

        init(_ invocation: Invocation) {
            format = invocation.settings.format
            isTree = invocation.has("tree")
        }

        var byteCount: Int { lines.bytes.count + text.utf8.count }

        mutating func take() -> String {
            if format == .table, !isTree { return String(decoding: lines.take(), as: UTF8.self) }
            defer { text = "" }
            return text
        }

        mutating func add(_ sighting: Sighting, _ interfaces: [CaptureInterface]) {
            switch format {
            case .table where !isTree: lines.add(sighting)
            case .table:
                text +=
                    sighting.fields(interfaces).lines("packet").map(Plain.line)
                    .joined(separator: "\n") + "\n"
            case .json:
                text += JSONText.render(report(sighting, interfaces)) + "\n"
            case .porcelain:
                text += PorcelainText.line(Array(report(sighting, interfaces).facts.dropLast()))
            }
        }

        private func report(_ sighting: Sighting, _ interfaces: [CaptureInterface]) -> Report {
            var facts: [Value] = [
                .unsigned(sighting.number), Value(sighting.time?.text),
                .text(sighting.interfaceName(interfaces)), Value(sighting.source?.description),
                Value(sighting.destination?.description), .text(sighting.content.name),
            ]
            var detail = sighting.comments
            if case .legacy(let legacy) = sighting.content {
                facts += Self.facts(legacy, sighting.time)
                if case .unreadable(_, let error) = legacy.payload { detail.append("\(error)") }
            } else {
                facts += [.none, .none]
                facts += Self.ends(sighting).map { Value($0) }
                facts += [
                    .none, .none, .none, .none, .unsigned(UInt64(sighting.byteCount)), .none, .none,
                ]
            }
            switch sighting.content {
            case .unreadable(_, _, let error): detail.append("\(error)")
            case .foreign(let name, _): detail.append("for \(name)")
            case .gap(let missing, _): detail.append("\(missing) bytes are missing")
            case .peer(let frame): if let failure = frame.failure { detail.append("\(failure)") }
            case .legacy, .event: break
            }
            facts.append(detail.isEmpty ? .none : .text(detail.joined(separator: "; ")))
            facts.append(isTree ? Value(sighting.content.fields) : .none)
            return Report(schema, facts: facts)
        }

        private static func ends(_ sighting: Sighting) -> [String?] {
            guard case .peer(let frame) = sighting.content else { return [nil, nil] }
            let header = frame.frame.header
            return [header.sender, header.receiver].map {
                "\($0.node.shortName).\($0.service.name)"
            }
        }

        private static func facts(_ legacy: LegacySighting, _ time: CaptureTime?) -> [Value] {
            let packet = legacy.packet
            var status: Value = .none
            switch packet.body {
            case .replyControl(let reply): status = .number(Int64(reply.status))
            case .replyCall(let reply): status = .number(Int64(reply.status))
            default: break
            }
            var latency: Value = .none
            if let asked = legacy.request?.time, let time {
                latency = .real(Double(asked.distance(to: time)) / 1_000)
            }
            return [
                .text(packet.operation.name), Value(legacy.opcode?.description),
                .text(packet.source.shortName), .text(packet.destination.shortName),
                .number(packet.reqid.rawValue),
                Value(legacy.srvid.map { "0x" + String($0.rawValue, radix: 16) }),
                Value(legacy.database?.description), status,
                .unsigned(UInt64(legacy.bytes.count)),
                legacy.request.map { .unsigned($0.number) } ?? .none, latency,
            ]
        }
    }
}

extension Value {
    /// A tree of fields.
    init(_ field: FieldValue) {
        self =
            switch field {
            case .none: .none
            case .flag(let flag): .flag(flag)
            case .number(let number): .number(number)
            case .unsigned(let number): .unsigned(number)
            case .real(let number): .real(number)
            case .text(let text): .text(text)
            case .named(_, let name): .text(name)
            case .flags(_, let names): .words(names)
            case .bytes(let bytes): .text(FieldValue.hexadecimal(bytes))
            case .list(let values): .list(values.map(Value.init))
            case .fields(let fields):
                .object(fields.map { Presentation.Field($0.name, Value($0.value)) })
            }
    }
}
