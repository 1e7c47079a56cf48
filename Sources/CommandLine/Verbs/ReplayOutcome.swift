// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Presentation
import Replay
import ReplayShell
import Vocabulary

/// What `ctdb capture replay` has found out.
struct ReplayOutcome {
    private static let sampleLimit = 1_000

    private let plan: ReplayVerb.Plan
    private let first: ReplayResult
    private let gaps: [ReplayBindings.Gap]
    private var comparison: ReplayComparison
    private var floor: NoiseFloor?
    /// The file that plays a question alone, by the question.
    private var samples: [Int: String] = [:]

    init(_ plan: ReplayVerb.Plan, _ first: ReplayResult, _ gaps: [ReplayBindings.Gap]) {
        self.plan = plan
        self.first = first
        self.gaps = gaps
        comparison = ReplayComparison(plan.script, first)
    }

    /// The same was played again.
    mutating func take(second: ReplayResult) {
        floor = NoiseFloor(plan.script, first, second)
    }

    /// The differences that count: where it was played twice, those that are no noise.
    private var differences: [ReplayDifference] { floor?.beyond ?? comparison.unexpected }
    private var missing: [Int: String] { floor?.missing ?? comparison.missing }

    private var verdict: String {
        guard differences.isEmpty, missing.isEmpty else { return "different" }
        return comparison.isSame ? "same" : "within_noise"
    }

    /// Writes a file for each question whose answer is not as it should be.
    mutating func writeSamples(to folder: String) throws(ReplayError) {
        let questions = Set(differences.map(\.question)).union(missing.keys)
        for question in questions.sorted().prefix(Self.sampleLimit) {
            let number = plan.script.steps[question].number
            let path = "\(folder)/sample-\(number).pcapng"
            try ScriptFile.write(
                plan.script.sample(of: question), of: plan.script, to: path,
                comment: "packet \(number): \(Self.name(of: plan.script.steps[question].sighting))")
            samples[question] = path
        }
    }

    /// What a packet of a client asks for, in a word.
    static func name(of sighting: LegacySighting) -> String {
        if let opcode = sighting.opcode { return "\(opcode)" }
        if case .requestMessage(let message) = sighting.packet.body {
            return "message \(message.srvid)"
        }
        return "\(sighting.packet.operation)"
    }

    func report(_ schema: Schema) -> Report {
        let script = plan.script
        let differing = Set(differences.map(\.question))
        var problems: [Problem] = []
        if verdict == "different" {
            problems.append(
                Problem(
                    .failed, "replay",
                    "\(differing.count) answers differ and \(missing.count) are missing",
                    advice: samples.isEmpty ? "--samples writes files that play them alone" : nil))
        }
        return Report(
            schema,
            facts: [
                .number(Int64(script.clients.count)), .number(Int64(script.sendCount)),
                .number(Int64(first.sent.count)),
                .number(Int64(plan.choice.refused.values.reduce(0, +))),
                .number(Int64(comparison.comparedCount)),
                .number(Int64(comparison.comparedCount - differing.count)),
                .number(Int64(differing.count)), .number(Int64(missing.count)),
                floor.map { .number(Int64($0.noisyQuestions.count)) } ?? .none,
                .real(Double(script.duration) / 1e6), .real(Double(first.nanoseconds) / 1e6),
                .text(verdict),
            ],
            tables: [differenceRows, missingRows, Self.refusedRows(plan)],
            problems: problems, notes: gaps.map(ReplaySummary.text))
    }

    /// A row for each kind of difference.
    private var differenceRows: [Row] {
        var groups: [(key: String, all: [ReplayDifference])] = []
        var places: [String: Int] = [:]
        let tolerated = comparison.differences.filter { $0.isToleratedHere }
        for difference in differences + tolerated {
            let step = plan.script.steps[difference.question]
            let key = "\(Self.name(of: step.sighting)) \(difference.pattern)"
            if let place = places[key] {
                groups[place].all.append(difference)
            } else {
                places[key] = groups.count
                groups.append((key, [difference]))
            }
        }
        return groups.compactMap { _, all in all.first.map { row($0, all.count) } }
    }

    private func row(_ example: ReplayDifference, _ count: Int) -> Row {
        let step = plan.script.steps[example.question]
        return Row(
            [
                .text(Self.name(of: step.sighting)), .text(example.pattern),
                .number(Int64(count)), .unsigned(step.number), Self.value(example.first),
                Self.value(example.second), Value(example.tolerance),
                Value(samples[example.question]),
            ], tone: example.tolerance == nil ? .bad : .plain)
    }

    /// A field in a line that is not too long.
    static func value(_ field: FieldValue?) -> Value {
        guard let field else { return .none }
        let text = field.line ?? field.lines("").dropFirst().joined(separator: " ")
        return .text(text.count > 200 ? text.prefix(200) + "..." : text)
    }

    private var missingRows: [Row] {
        missing.sorted { $0.key < $1.key }.map { question, why in
            let step = plan.script.steps[question]
            return Row(
                [.text(Self.name(of: step.sighting)), .unsigned(step.number), .text(why)],
                tone: .bad)
        }
    }

    static func refusedRows(_ plan: ReplayVerb.Plan) -> [Row] {
        plan.choice.refused.sorted { $0.key < $1.key }.map { name, count in
            Row([.text(name), .number(Int64(count))], tone: .warning)
        }
    }
}

/// What would be played.
struct ReplaySummary {
    private let plan: ReplayVerb.Plan
    private let bindings: ReplayBindings

    init(_ plan: ReplayVerb.Plan, _ bindings: ReplayBindings) {
        self.plan = plan
        self.bindings = bindings
    }

    static let schema = Schema(
        "capture.replay.dry-run",
        facts: [
            Column("clients", .number, "clients of the capture"),
            Column("packets", .number, "what they sent"),
            Column("played", .number, "what would be sent"),
            Column("captured_ms", .real, "how long it took in the capture"),
            Column("node", .number, "the node in the capture; none when nobody said so"),
            Column("attached", .words, "databases that would be attached"),
        ],
        tables: [
            Schema.Table(
                "kinds",
                [
                    Column("packet", .text, "what would be sent"),
                    Column("count", .number, "how often"),
                ]),
            Schema.Table(
                "senders",
                [
                    Column("client", .number, "its number in the capture"),
                    Column("pid", .number, "its process then"),
                    Column("program", .text, "what it was called"),
                    Column("packets", .number, "what would be sent for it"),
                ]),
            Schema.Table(
                "refusals",
                [
                    Column("name", .text, "the control or message, as `--allow` takes it"),
                    Column("count", .number, "how often it would not be sent"),
                ]),
        ])

    var report: Report {
        let script = plan.script
        var kinds: [String: Int] = [:]
        var sent = [Int](repeating: 0, count: script.clients.count)
        for (index, step) in script.steps.enumerated() {
            guard case .send = step.action, !plan.choice.skipped.contains(index) else { continue }
            kinds[ReplayOutcome.name(of: step.sighting), default: 0] += 1
            sent[step.client] += 1
        }
        let clients = script.clients.enumerated().map { index, client in
            Row([
                .number(Int64(client.note?.number ?? Int(client.endpoint.port))),
                client.note.map { .number(Int64($0.pid)) } ?? .none, Value(client.note?.name),
                .number(Int64(sent[index])),
            ])
        }
        return Report(
            Self.schema,
            facts: [
                .number(Int64(script.clients.count)), .number(Int64(script.sendCount)),
                .number(Int64(sent.reduce(0, +))), .real(Double(script.duration) / 1e6),
                script.ownNode.map { .number($0.rawValue) } ?? .none,
                .words(bindings.attachments.map(\.name)),
            ],
            tables: [
                kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                    Row([.text($0.key), .number(Int64($0.value))])
                }, clients, ReplayOutcome.refusedRows(plan),
            ], notes: bindings.gaps.map(Self.text))
    }

    /// What stands for nothing, for people.
    static func text(_ gap: ReplayBindings.Gap) -> String {
        switch gap {
        case .node(let pnn):
            "the cluster has no node \(pnn); --bind-nodes names one that stands for it"
        case .database(let id):
            "database 0x\(String(id.rawValue, radix: 16)) has no name in the capture, and is not "
                + "attached"
        case .address(let address):
            "the cluster has no public address \(address.text); --bind-addresses names one that "
                + "stands for it"
        case .kind(let name): "\(name) is attached in another way than in the capture"
        }
    }
}
