// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Reports as columns for scripts: fields are separated by a tab, one line for a row.
///
/// A report that is one table gives its rows; otherwise each line begins with the name of the fact
/// or of the table that it belongs to. Flags are 1 and 0, lists are joined by commas, what is not
/// known is empty. Control characters and backslashes in texts are escaped with a backslash.
public enum PorcelainText {
    /// A report's lines.
    public static func render(_ report: Report) -> String {
        var text = ""
        for (column, value) in zip(report.schema.facts, report.facts) {
            text += "\(column.name)\t\(Plain.column(value))\n"
        }
        let isOnly = report.schema.facts.isEmpty && report.schema.tables.count == 1
        for (table, rows) in zip(report.schema.tables, report.tables) {
            for row in rows {
                text += (isOnly ? "" : table.name + "\t") + line(row.cells)
            }
        }
        return text
    }

    /// The line of some values.
    public static func line(_ values: [Value]) -> String {
        values.map(Plain.column).joined(separator: "\t") + "\n"
    }
}
