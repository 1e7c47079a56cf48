// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import Presentation
import Sockets
import Vocabulary

/// `ctdb capture stats`: a capture in numbers.
enum CaptureStatsVerb {
    private static let counts = [
        Column("packets", .number, "packets"),
        Column("bytes", .number, "their bytes, without what a network puts around them"),
    ]

    private static let schema = Schema(
        "capture.stats",
        facts: [
            Column("packets", .number, "packets of both protocols"),
            Column("bytes", .number, "their bytes"),
            Column("first", .text, "the moment of the first, UTC"),
            Column("seconds", .real, "from the first to the last"),
            Column("packets_per_second", .real, "over that time"),
            Column("peak_per_second", .number, "packets of the busiest second"),
            Column("others", .number, "packets in the file that are of neither protocol"),
            Column("dropped", .number, "packets that were lost when it was recorded, as it says"),
        ],
        tables: [
            Schema.Table(
                "kinds", [Column("kind", .text, "the operation, or what it is")] + counts),
            Schema.Table(
                "controls",
                [
                    Column("control", .text, "the control; `call` for records"),
                    Column("asked", .number, "how often"),
                    Column("answered", .number, "answers whose question is in the file"),
                    Column("failed", .number, "of them, those that say it failed"),
                    Column("least_us", .real, "the fastest answer, in microseconds"),
                    Column("median_us", .real, "half of them were not slower"),
                    Column("p99_us", .real, "99 of 100 were not slower"),
                    Column("greatest_us", .real, "the slowest"),
                ]),
            Schema.Table(
                "senders",
                [Column("sender", .text, "a node, or an address without one")] + counts),
            Schema.Table(
                "messages", [Column("srvid", .text, "what messages are for")] + counts),
            Schema.Table(
                "sizes",
                [
                    Column("from_bytes", .number, "packets of at least so many bytes"),
                    Column("to_bytes", .number, "and less than so many"),
                    Column("packets", .number, "packets"),
                ]),
        ])

    static let verb = Verb.read(
        "stats", "Show a capture in numbers: rates, latencies, sizes, and who talks most.",
        [CaptureChoice.file],
        options: CaptureChoice.options + [
            Option(
                "html", value: Parameter("page", .file, "a path"),
                "Write a page with plots into this file, too; it needs nothing else.")
        ], scope: .none, schema: schema,
        details: "Answers are paired with their questions by the numbers of requests. Of each "
            + "control the latencies of up to 8192 answers are kept, a fair sample of all."
    ) { context, invocation throws(Problem) in
        let path = try invocation.text("file")
        var filter = try CaptureChoice.filter(invocation)
        let input = try CaptureChoice.open(path, invocation)
        var statistics = CaptureStatistics()
        var problems: [Problem] = []
        do throws(CaptureFileError) {
            while let sighting = try input.next() {
                if filter.accepts(sighting) { statistics.add(sighting) }
                if context.surroundings.isInterrupted() { break }
            }
        } catch {
            problems.append(CaptureChoice.problem(error))
        }
        let report = Report(
            schema, facts: facts(statistics, input.counts), tables: tables(statistics),
            problems: problems + CaptureChoice.problems(input, path))
        if let page = invocation.text(ifGiven: "html") {
            do throws(SystemError) {
                let replacement = try FileReplacement(of: page)
                try replacement.file.write(
                    Array(CaptureStatsPage(path, report, statistics).text.utf8))
                try replacement.commit()
            } catch {
                throw Context.system(error, "write the page")
            }
        }
        return report
    }

    private static func facts(
        _ statistics: CaptureStatistics, _ counts: CaptureDecoder.Counts
    ) -> [Value] {
        let seconds = Double(statistics.duration) / 1e9
        return [
            .unsigned(statistics.total.packets), .unsigned(statistics.total.bytes),
            Value(statistics.first?.text), .real(seconds),
            seconds > 0 ? .real(Double(statistics.total.packets) / seconds) : .none,
            .unsigned(statistics.rates.map(\.count.packets).max() ?? 0),
            .unsigned(counts.others), .unsigned(counts.dropped),
        ]
    }

    private static func tables(_ statistics: CaptureStatistics) -> [[Row]] {
        let exchanges = statistics.exchanges.sorted {
            ($1.value.asked.packets, $0.key) < ($0.value.asked.packets, $1.key)
        }
        return [
            rows(statistics.kinds),
            exchanges.map { name, exchange in
                let latency = exchange.latency
                let isEmpty = latency.count == 0
                return Row([
                    .text(name), .unsigned(exchange.asked.packets), .unsigned(exchange.answered),
                    .unsigned(exchange.failed), microseconds(isEmpty ? nil : latency.least),
                    microseconds(latency.quantile(perMille: 500)),
                    microseconds(latency.quantile(perMille: 990)),
                    microseconds(isEmpty ? nil : latency.greatest),
                ])
            }, rows(statistics.senders), rows(statistics.messages),
            statistics.sizes.enumerated().filter { $0.element > 0 }.map { place, count in
                Row([
                    .unsigned(place == 0 ? 0 : 1 << UInt64(place)),
                    .unsigned(1 << UInt64(place + 1)), .unsigned(count),
                ])
            },
        ]
    }

    /// The most frequent first.
    private static func rows(_ counts: [String: CaptureStatistics.Count]) -> [Row] {
        counts.sorted { ($1.value.packets, $0.key) < ($0.value.packets, $1.key) }.map {
            Row([.text($0.key), .unsigned($0.value.packets), .unsigned($0.value.bytes)])
        }
    }

    private static func microseconds(_ nanoseconds: Int64?) -> Value {
        nanoseconds.map { .real(Double($0) / 1_000) } ?? .none
    }
}
