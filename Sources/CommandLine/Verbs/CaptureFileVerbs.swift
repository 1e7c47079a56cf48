// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import Presentation
import Replay
import Sockets
import Vocabulary

/// `ctdb capture extract`, `redact` and `diff`.
enum CaptureFileVerbs {
    private static let output = Parameter("output", .file, "the file to write; it is replaced")

    private static func schema(_ name: String) -> Schema {
        Schema(
            name,
            facts: [
                Column(
                    "packets", .number, "packets of both protocols in the file that was read"),
                Column("written", .number, "packets that were written"),
                Column(
                    "left_out", .number,
                    "what was not written: what is damaged or was not chosen"),
            ])
    }

    static let extract = Verb.change(
        "extract", "Write the packets that are wanted into a file of their own.",
        [CaptureChoice.file, output], options: CaptureChoice.options, scope: .none,
        schema: schema("capture.extract"),
        details: "Times, ends, interfaces and comments stay. The exit code is 3 when a part of the "
            + "file cannot be read; what stands in front of it is written."
    ) { _, invocation throws(Problem) in
        var filter = try CaptureChoice.filter(invocation)
        let path = try invocation.text("file")
        let source = path == "-" ? "standard input" : path.split(separator: "/").last ?? "/"
        return try copy(invocation, comment: "packets that were chosen from \(source)") {
            sighting in
            guard filter.accepts(sighting) else { return nil }
            return sighting.bytes
        }
    }

    static let redact = Verb.change(
        "redact", "Write a capture without what users have stored.",
        [CaptureChoice.file, output],
        options: CaptureChoice.options + [
            Option(
                "key", value: Parameter("digits", .text, "32 hexadecimal digits"),
                "Replace the same by the same as another run with this key; a key that nobody "
                    + "knows if not given.")
        ], scope: .none, schema: schema("capture.redact"),
        details: "Keys and values of records, the data of calls and the messages of programs are "
            + "replaced by other bytes of the same length, the same by the same, so that it can "
            + "still be seen who works on which record. Checksums are made right again. Headers, "
            + "names of databases, addresses and the output of event scripts stay. What is "
            + "damaged is left out, for nobody knows what is in it."
    ) { _, invocation throws(Problem) in
        var filter = try CaptureChoice.filter(invocation)
        let redaction = Redaction(key: try key(invocation))
        return try copy(
            invocation,
            comment: "redacted: keys, values and messages are others, of the same length"
        ) { sighting in
            guard filter.accepts(sighting) else { return nil }
            if case .event = sighting.content { return sighting.bytes }
            return redaction.redacted(sighting).map { $0[...] }
        }
    }

    private static func key(_ invocation: Invocation) throws(Problem) -> (UInt64, UInt64) {
        guard let text = invocation.text(ifGiven: "key") else {
            var generator = SystemRandomNumberGenerator()
            return (generator.next(), generator.next())
        }
        guard text.utf8.count == 32, let first = UInt64(text.prefix(16), radix: 16),
            let second = UInt64(text.suffix(16), radix: 16)
        else { throw Problem(.usage, "--key", "\"\(text)\" is not 32 hexadecimal digits") }
        return (first, second)
    }

    /// Copies what a function gives for each sighting.
    private static func copy(
        _ invocation: Invocation, comment: String,
        _ choose: (Sighting) -> ArraySlice<UInt8>?
    ) throws(Problem) -> Report {
        let path = try invocation.text("file")
        let target = try invocation.text("output")
        guard path == "-" || !Folder.isSame(path, target) else {
            throw Problem(
                .usage, "write \(target)", "it is the file that is read",
                advice: "write another one, and rename it")
        }
        let input = try CaptureChoice.open(path, invocation)
        var packets: UInt64 = 0
        var problems: [Problem] = []
        let output: SightingOutput
        do throws(CaptureFileError) {
            output = try SightingOutput(
                path: target, comment: comment)
        } catch {
            throw write(error)
        }
        while true {
            let next: Sighting?
            do throws(CaptureFileError) {
                next = try input.next()
            } catch {
                problems.append(CaptureChoice.problem(error))
                break
            }
            guard let sighting = next else { break }
            packets += 1
            guard let bytes = choose(sighting) else { continue }
            do throws(CaptureFileError) {
                try output.add(sighting, bytes, input.interfaces)
            } catch {
                throw write(error)
            }
        }
        do throws(CaptureFileError) {
            try output.finish()
        } catch {
            throw write(error)
        }
        return Report(
            invocation.verb.schema,
            facts: [
                .unsigned(packets), .unsigned(output.count), .unsigned(packets - output.count),
            ], problems: problems + CaptureChoice.problems(input, path))
    }

    private static func write(_ error: CaptureFileError) -> Problem {
        switch error {
        case .system(let error): RecordingVerbs.problem("write", error)
        case .capture: Problem(.failed, "write", "\(error)")
        }
    }

    // MARK: Comparison

    static let diff = Verb.read(
        "diff", "Compare what was said in two captures.",
        [
            Parameter("first", .file, "a capture"), Parameter("second", .file, "another capture"),
        ], options: CaptureChoice.options, scope: .none,
        schema: Schema(
            "capture.diff",
            facts: [
                Column("first", .number, "packets of the first capture"),
                Column("second", .number, "packets of the second"),
                Column("pairs", .number, "packets that stand for each other"),
                Column("same", .number, "pairs that are the same, but for what may differ"),
                Column("verdict", .text, "`same` or `different`"),
            ],
            tables: [
                Schema.Table(
                    "counts",
                    [
                        Column("conversation", .text, "who talks"),
                        Column("packet", .text, "what is said"),
                        Column("first", .number, "how often in the first capture"),
                        Column("second", .number, "how often in the second"),
                    ]),
                Schema.Table(
                    "differences",
                    [
                        Column("conversation", .text, "who talks"),
                        Column("packet", .text, "what is said"),
                        Column("field", .text, "the field that differs"),
                        Column("count", .number, "in how many pairs"),
                        Column("first_number", .number, "the first such packet, in its file"),
                        Column("second_number", .number, "its partner, in its file"),
                        Column("first", .text, "what the first capture has there"),
                        Column("second", .text, "what the second has"),
                        Column("reason", .text, "why it may differ; none when it may not"),
                    ]),
            ]),
        details: "In each conversation, of a client of a relay or of a pair of nodes, the first "
            + "packet of a kind is compared with the first of that kind in the other capture, the "
            + "second with the second. Numbers of requests and instances of the cluster are not "
            + "compared; other fields that may differ are those of `ctdb capture replay`. The exit "
            + "code is 0 when nothing else differs, 1 when something does."
    ) { _, invocation throws(Problem) in
        let first = try transcript(invocation, "first")
        let second = try transcript(invocation, "second")
        let comparison = CaptureComparison(first.transcript, second.transcript) { path, legacy in
            ToleratedField.reason(path, of: legacy)
        }
        var problems = first.problems + second.problems
        if !comparison.isSame {
            problems.append(Problem(.failed, "diff", "the captures differ"))
        }
        return Report(
            invocation.verb.schema,
            facts: [
                .unsigned(first.count), .unsigned(second.count),
                .number(Int64(comparison.pairs)), .number(Int64(comparison.same)),
                .text(comparison.isSame ? "same" : "different"),
            ],
            tables: [
                comparison.surplus.map { surplus in
                    Row(
                        [
                            .text(surplus.kind.conversation), .text(surplus.kind.packet),
                            .number(Int64(surplus.first)), .number(Int64(surplus.second)),
                        ], tone: .bad)
                }, comparison.differences.map(row),
            ], problems: problems)
    }

    private static func row(_ difference: CaptureComparison.Difference) -> Row {
        Row(
            [
                .text(difference.kind.conversation), .text(difference.kind.packet),
                .text(difference.path), .number(Int64(difference.count)),
                .unsigned(difference.numbers.first), .unsigned(difference.numbers.second),
                ReplayOutcome.value(difference.first), ReplayOutcome.value(difference.second),
                Value(difference.reason),
            ], tone: difference.reason == nil ? .bad : .plain)
    }

    private static func transcript(
        _ invocation: Invocation, _ name: String
    ) throws(Problem) -> (transcript: CaptureTranscript, count: UInt64, problems: [Problem]) {
        let path = try invocation.text(name)
        var filter = try CaptureChoice.filter(invocation)
        let input = try CaptureChoice.open(path, invocation)
        var transcript = CaptureTranscript()
        var count: UInt64 = 0
        do throws(CaptureFileError) {
            while let sighting = try input.next() {
                guard filter.accepts(sighting) else { continue }
                count += 1
                transcript.add(sighting, input.interfaces)
            }
        } catch {
            throw CaptureChoice.problem(error)
        }
        return (transcript, count, CaptureChoice.problems(input, path))
    }
}
