// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Reports as JSON, one object in one line.
///
/// - Source: RFC 8259.
public enum JSONText {
    /// A report; `line` is the line of the list that it answers.
    public static func render(_ report: Report, line: Int? = nil) -> String {
        var fields = head(report.schema.identifier, line, isDone: report.problems.isEmpty)
        for (column, value) in zip(report.schema.facts, report.facts) {
            fields.append(Field(column.name, value))
        }
        for (table, rows) in zip(report.schema.tables, report.tables) {
            fields.append(Field(table.name, .list(rows.map { object($0, table.columns) })))
        }
        fields.append(Field("problems", .list(report.problems.map(object))))
        fields.append(Field("notes", .words(report.notes)))
        return text(.object(fields))
    }

    /// A command that gave no report at all.
    public static func render(_ problem: Problem, line: Int? = nil) -> String {
        text(
            .object(
                head("ctdb.error/1", line, isDone: false)
                    + [Field("problems", .list([object(problem)])), Field("notes", .list([]))]))
    }

    private static func head(_ schema: String, _ line: Int?, isDone: Bool) -> [Field] {
        var fields = [Field("schema", .text(schema)), Field("ok", .flag(isDone))]
        if let line { fields.append(Field("line", .number(Int64(line)))) }
        return fields
    }

    private static func object(_ row: Row, _ columns: [Column]) -> Value {
        var fields = zip(columns, row.cells).map { Field($0.name, $1) }
        fields.append(Field("problem", Value(row.problem)))
        return .object(fields)
    }

    private static func object(_ problem: Problem) -> Value {
        .object([
            Field("kind", .text("\(problem.kind)")),
            Field("node", problem.node.map { .number(Int64($0)) } ?? .none),
            Field("what", .text(problem.what)),
            Field("why", .text(problem.why)),
            Field("advice", Value(problem.advice)),
        ])
    }

    /// A value as JSON.
    public static func text(_ value: Value) -> String {
        var text = ""
        write(value, into: &text)
        return text
    }

    private static func write(_ value: Value, into text: inout String) {
        switch value {
        case .none: text += "null"
        case .flag(let flag): text += flag ? "true" : "false"
        case .number(let number): text += String(number)
        case .unsigned(let number): text += String(number)
        case .real(let number): text += number.isFinite ? Plain.real(number) : "null"
        case .text(let string): quote(string, into: &text)
        case .list(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                write(value, into: &text)
            }
            text += "]"
        case .object(let fields):
            text += "{"
            for (index, field) in fields.enumerated() {
                if index > 0 { text += "," }
                quote(field.name, into: &text)
                text += ":"
                write(field.value, into: &text)
            }
            text += "}"
        }
    }

    private static func quote(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F
                    || (0x2028...0x2029).contains(scalar.value)
                {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}
