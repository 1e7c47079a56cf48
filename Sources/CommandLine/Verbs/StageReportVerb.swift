// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Presentation
import Sockets
import StageCore
import Vocabulary

/// `ctdb stage report`: the differences that daemons have found in shadow.
enum StageReportVerb {
    static let verb = Verb.read(
        "report", "Show where the new daemons decided otherwise than ctdbd, by field.",
        [StageVerbs.function],
        options: [
            Option(
                "field", value: Parameter("name", .text, "a field"),
                "Only this field of decisions."),
            Option(
                "examples", value: Parameter("count", .number(0...16), "a number"),
                "So many examples of each field and node; 2 if not given."),
            Option(
                "save", value: Parameter("directory", .file, "a folder that is there"),
                "Save what the examples were decided from, to replay them."),
            ProxyVerbs.directory,
        ], scope: .everyNode,
        schema: Schema(
            "stage.report",
            tables: [
                Schema.Table(
                    "nodes",
                    [
                        NodeVerbs.nodeColumn,
                        Column("since", .text, "since when its daemon compares, UTC"),
                        Column("compared", .number, "decisions compared"),
                        Column("different", .number, "those that differed"),
                    ]),
                Schema.Table(
                    "fields",
                    [
                        Column("field", .text, "which field of a decision"),
                        NodeVerbs.nodeColumn, Column("count", .number, "how often it differed"),
                    ]),
                Schema.Table(
                    "examples",
                    [
                        Column("field", .text, "which field of a decision"),
                        NodeVerbs.nodeColumn,
                        Column("number", .number, "counts in the daemon's life"),
                        Column("time", .text, "when, UTC"),
                        Column("subject", .text, "what was decided about"),
                        Column("legacy", .text, "what ctdbd decided"),
                        Column("own", .text, "what the daemon decided"),
                        Column("replay", .text, "decides again, from the input"),
                        Column("input", .text, "the file with the input; with `--save`"),
                    ]),
            ]),
        details: "The command in the column replay decides again, from the saved input on its "
            + "standard input."
    ) { context, invocation throws(Problem) in
        let function = try StageVerbs.function(invocation)
        let desk = try StageDesk(context, invocation)
        let folder = invocation.text(ifGiven: "save")
        if let folder, !Folder.isFolder(folder) {
            throw Problem(.usage, "--save \(folder)", "there is no such folder")
        }
        let request = ReportRequest(
            field: StageText.clipped(
                invocation.text(ifGiven: "field") ?? "", to: Int(PeerProtocol.stageNameLimit)),
            examples: UInt32(clamping: invocation.number(ifGiven: "examples") ?? 2),
            inputs: folder != nil)
        let nodes = try desk.nodes(of: context)
        let answers = desk.ask(
            PeerProtocol.stageReport, (try? request.encoded()) ?? [], [function], nodes, context)
        var report = Report(
            invocation.verb.schema, tables: [[], [], []], notes: StageVerbs.notes(desk))
        for node in nodes {
            var silence = "its answer cannot be read"
            switch answers[.init(node.pnn, function)] {
            case .success(let payload)?:
                if let answer = try? StageReport.decode(payload) {
                    try append(answer, function, node.pnn, folder, to: &report)
                    continue
                }
            case .failure(let found)?: silence = found.why
            case nil: silence = "it was not asked"
            }
            let number = Value.number(node.pnn.rawValue)
            report.tables[0].append(
                Row([number, .none, .none, .none], tone: .bad, problem: silence))
            report.problems.append(Problem(.incomplete, node: node.pnn.rawValue, "ask", silence))
        }
        let isNoneThere = report.problems.count == nodes.count
        if isNoneThere {
            for index in report.problems.indices { report.problems[index].kind = .failed }
        }
        return report
    }

    private static func append(
        _ answer: StageReport, _ function: ClusterFunction, _ node: PNN, _ folder: String?,
        to report: inout Report
    ) throws(Problem) {
        let number = Value.number(node.rawValue)
        report.tables[0].append(
            Row(
                [
                    number, StageVerbs.moment(answer.since), .unsigned(answer.compared),
                    .unsigned(answer.different),
                ], tone: answer.different == 0 ? .good : .warning))
        for field in answer.fields {
            report.tables[1].append(
                Row([.text(field.name), number, .unsigned(field.count)], tone: .warning))
            for example in field.examples {
                var path: String?
                if let folder, !example.input.isEmpty {
                    let file = "\(folder)/\(function)-\(node)-\(example.number).input"
                    try save(example.input, to: file)
                    path = file
                }
                report.tables[2].append(
                    Row([
                        .text(field.name), number, .unsigned(example.number),
                        StageVerbs.moment(example.time), .text(example.subject),
                        .text(example.legacy), .text(example.own),
                        Value(example.replay.isEmpty ? nil : example.replay), Value(path),
                    ]))
            }
        }
        if answer.unlisted > 0 {
            report.notes.append(
                "node \(node): \(answer.unlisted) more differences, in fields beyond the limit")
        }
    }

    private static func save(_ bytes: [UInt8], to path: String) throws(Problem) {
        do throws(SystemError) {
            let replacement = try FileReplacement(of: path)
            try replacement.file.write(bytes)
            try replacement.commit()
        } catch {
            throw Context.system(error, "save the input")
        }
    }
}
