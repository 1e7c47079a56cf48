// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Presentation
import Testing

/// A report in each of its three forms.
@Suite struct ReportTests {
    static let schema = Schema(
        "test.list", version: 2,
        facts: [Column("leader", .number, "who leads"), Column("recovery_mode", .text, "mode")],
        tables: [
            Schema.Table(
                "nodes",
                [
                    Column("node", .number, "number"), Column("name", .text, "name"),
                    Column("flags", .words, "flags"), Column("is_up", .flag, "up"),
                ])
        ])
    static let report = Report(
        schema, facts: [.number(UInt32(2)), .text("normal")],
        tables: [
            [
                Row(
                    [
                        .number(UInt32(0)), .text("a\tb\n\u{1B}[31m"), .words(["x", "y"]),
                        .flag(true),
                    ],
                    tone: .good),
                Row([.number(UInt32(10)), .none, .none, .none], tone: .bad, problem: "no answer"),
            ]
        ],
        problems: [
            Problem(.incomplete, node: 10, "ask", "no answer", advice: "look at the \"network\"")
        ], notes: ["a note"])

    @Test func peopleSeeAlignedColumnsAndNoControlCharacters() {
        let text = TableText(width: nil, hasColour: false).render(Self.report)
        #expect(
            text == """
                leader         2
                recovery mode  normal

                NODE  NAME              FLAGS  IS UP
                   0  a\\tb\\n\\u{1b}[31m  x,y    yes
                  10  -                 -      -      no answer
                a note

                """)
    }

    @Test func jsonIsOneLineThatEverybodyReads() throws {
        let text = JSONText.render(Self.report, line: 7)
        #expect(!text.contains("\n"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["schema"] as? String == "ctdb.test.list/2")
        #expect(object["ok"] as? Bool == false)
        #expect(object["line"] as? Int == 7)
        #expect(object["leader"] as? Int == 2)
        let nodes = try #require(object["nodes"] as? [[String: Any]])
        #expect(nodes[0]["name"] as? String == "a\tb\n\u{1B}[31m")
        #expect(nodes[0]["flags"] as? [String] == ["x", "y"])
        #expect(nodes[1]["problem"] as? String == "no answer")
        #expect(nodes[1]["flags"] is NSNull)
        let problems = try #require(object["problems"] as? [[String: Any]])
        #expect(problems[0]["kind"] as? String == "incomplete")
        #expect(problems[0]["node"] as? Int == 10)
    }

    @Test func anErrorIsJSONToo() throws {
        let text = JSONText.render(Problem(.usage, "w", "y"))
        #expect(
            text == "{\"schema\":\"ctdb.error/1\",\"ok\":false,\"problems\":[{\"kind\":\"usage\","
                + "\"node\":null,\"what\":\"w\",\"why\":\"y\",\"advice\":null}],\"notes\":[]}")
    }

    @Test func scriptsGetColumns() {
        #expect(
            PorcelainText.render(Self.report) == """
                leader\t2
                recovery_mode\tnormal
                nodes\t0\ta\\tb\\n\\u{1b}[31m\tx,y\t1
                nodes\t10\t\t\t

                """)
    }

    @Test func aReportThatIsOneTableHasNoNamesInFront() {
        let schema = Schema("t", rows: "r", [Column("a", .text, ""), Column("b", .number, "")])
        let report = Report(schema, rows: [Row([.text("x\\y"), .unsigned(.max)])])
        #expect(PorcelainText.render(report) == "x\\\\y\t18446744073709551615\n")
    }

    @Test func aTableFitsTheTerminal() {
        let schema = Schema("t", rows: "r", [Column("a", .text, ""), Column("b", .text, "")])
        let long = String(repeating: "x", count: 300)
        let report = Report(schema, rows: [Row([.text(long), .text("end")])])
        let text = TableText(width: 40, hasColour: false).render(report)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 40 })
        #expect(text.contains("…"))
        #expect(text.contains("end"))
    }

    @Test func colourFollowsTheRow() {
        let text = TableText(width: nil, hasColour: true).render(Self.report)
        #expect(text.contains("\u{1B}[32m   0"))
        #expect(text.contains("\u{1B}[31m  10"))
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (-0.25, "-0.25"), (1e-9, "0"), (123.456789, "123.456789"),
        (.infinity, "null"), (.nan, "null"),
    ])
    func fractionsAreShort(number: Double, text: String) {
        #expect(JSONText.text(.real(number)) == text)
    }

    @Test func theExitCodeSaysWhatKindOfProblemThereIs() {
        #expect(Report.exitCode(of: []) == 0)
        #expect(Report.exitCode(of: [Problem(.incomplete, "", "")]) == 3)
        #expect(
            Report.exitCode(of: [Problem(.incomplete, "", ""), Problem(.usage, "", "")]) == 1)
        #expect(Problem.Kind.allCases.map(\.rawValue) == [1, 2, 3, 4, 5])
    }

    @Test func whereThereIsNothingThatIsSaid() {
        let schema = Schema(
            "some.things",
            tables: [
                Schema.Table("odd_things", [Column("name", .text, "a name")]),
                Schema.Table("others", [Column("name", .text, "a name")]),
            ])
        let table = TableText(width: nil, hasColour: false)
        #expect(table.render(Report(schema, tables: [[], []])) == "no odd things\n")
        let one = Report(schema, tables: [[], [Row([.text("x")])]])
        #expect(table.render(one) == "NAME\nx\n")
    }
}
