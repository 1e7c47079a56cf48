// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Reports for people: aligned columns, as wide as the terminal, with colour where it is wanted.
public struct TableText: Sendable {
    /// The columns of the terminal; nil is as wide as need be.
    public var width: Int?
    /// Whether rows are coloured by how they look.
    public var hasColour: Bool

    private static let gap = 2
    private static let narrowest = 8

    /// Makes a layout.
    public init(width: Int?, hasColour: Bool) {
        self.width = width
        self.hasColour = hasColour
    }

    /// A report as text.
    public func render(_ report: Report) -> String {
        var text = facts(report)
        // Where there is nothing at all, the first table says what there is none of.
        let isEmpty = report.schema.facts.isEmpty && report.tables.allSatisfy(\.isEmpty)
        for (table, rows) in zip(report.schema.tables, report.tables) {
            if rows.isEmpty, !isEmpty || !text.isEmpty { continue }
            if !text.isEmpty { text += "\n" }
            text += rows.isEmpty ? "no \(table.name.map { $0 == "_" ? " " : $0 }.text)\n" : ""
            guard !rows.isEmpty else { continue }
            switch table.layout {
            case .lines: text += self.table(table.columns, rows)
            case .blocks: text += blocks(table.columns, rows)
            }
        }
        for note in report.notes { text += Plain.line(note) + "\n" }
        return text
    }

    private func facts(_ report: Report) -> String {
        let facts = Array(zip(report.schema.facts, report.facts))
        if facts.count == 1, report.schema.tables.isEmpty, let only = facts.first {
            return Plain.people(only.1) + "\n"
        }
        return Self.named(facts.map { ($0.0.name, $0.1) }).map { $0 + "\n" }.joined()
    }

    /// Lines of a name and a value, one below the other.
    private static func named(_ pairs: [(name: String, value: Value)]) -> [String] {
        let longest = pairs.map(\.name.count).max() ?? 0
        return pairs.map { pair in
            let name = pair.name.map { $0 == "_" ? " " : $0 }.text
            let space = String(repeating: " ", count: longest - name.count + gap)
            return "\(name)\(space)\(Plain.people(pair.value))"
        }
    }

    private func blocks(_ columns: [Column], _ rows: [Row]) -> String {
        rows.map { row in
            var pairs = zip(columns, row.cells).map { (name: $0.name, value: $1) }
            if let problem = row.problem { pairs.append((name: "problem", value: .text(problem))) }
            return Self.named(pairs).map { coloured($0, row.tone, isHeading: false) + "\n" }
                .joined()
        }.joined(separator: "\n")
    }

    private func table(_ columns: [Column], _ rows: [Row]) -> String {
        var lines = [columns.map(\.title)]
        for row in rows { lines.append(row.cells.prefix(columns.count).map(Plain.people)) }
        var widths = columns.indices.map { index in
            lines.map { index < $0.count ? $0[index].count : 0 }.max() ?? 0
        }
        shrink(&widths)
        let right = columns.map { $0.kind == .number || $0.kind == .real }
        var text = ""
        for (number, cells) in lines.enumerated() {
            let row = number == 0 ? nil : rows[number - 1]
            var line = ""
            for (index, cell) in cells.enumerated() {
                let shown = Self.cut(cell, to: widths[index])
                let space = String(repeating: " ", count: widths[index] - shown.count)
                let isLast = index == cells.count - 1 && row?.problem == nil
                line += right[index] ? space + shown : shown + (isLast ? "" : space)
                if !isLast { line += String(repeating: " ", count: Self.gap) }
            }
            if let problem = row?.problem { line += Plain.line(problem) }
            text += coloured(line, row?.tone, isHeading: number == 0) + "\n"
        }
        return text
    }

    private func coloured(_ line: String, _ tone: Row.Tone?, isHeading: Bool) -> String {
        guard hasColour else { return line }
        let code: String? =
            switch tone {
            case .good: "32"
            case .warning: "33"
            case .bad: "31"
            case .plain: nil
            case nil: isHeading ? "1" : nil
            }
        return code.map { "\u{1B}[\($0)m\(line)\u{1B}[0m" } ?? line
    }

    /// Takes from the widest column until the line fits, or nothing more can be taken.
    private func shrink(_ widths: inout [Int]) {
        guard let width else { return }
        let gaps = Self.gap * (widths.count - 1)
        while widths.reduce(gaps, +) > width {
            guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
                widths[widest] > Self.narrowest
            else { return }
            let over = widths.reduce(gaps, +) - width
            let second =
                widths.enumerated().filter { $0.offset != widest }.map(\.element).max() ?? 0
            let least = max(Self.narrowest, min(second, widths[widest] - 1))
            widths[widest] = max(least, widths[widest] - over)
        }
    }

    private static func cut(_ cell: String, to width: Int) -> String {
        cell.count <= width ? cell : cell.prefix(width - 1) + "…"
    }
}

extension [Character] {
    /// The characters as a text.
    fileprivate var text: String { String(self) }
}
