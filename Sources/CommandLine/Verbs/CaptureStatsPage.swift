// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Presentation
import Vocabulary

/// The page of `ctdb capture stats --html`: its numbers with plots, in one file.
///
/// Plots are SVG in the page itself; nothing is loaded from anywhere.
struct CaptureStatsPage {
    private let path: String
    private let report: Report
    private let statistics: CaptureStatistics

    init(_ path: String, _ report: Report, _ statistics: CaptureStatistics) {
        self.path = path
        self.report = report
        self.statistics = statistics
    }

    var text: String {
        var body = "<h1>\(Self.escape(path))</h1>\n<table>\n"
        for (column, value) in zip(report.schema.facts, report.facts) {
            body +=
                "<tr><th>\(Self.title(column))</th><td title=\"\(Self.escape(column.summary))\">"
                + "\(Self.escape(Plain.people(value)))</td></tr>\n"
        }
        body += "</table>\n" + rates + latencies
        for (table, rows) in zip(report.schema.tables, report.tables) where !rows.isEmpty {
            body += Self.table(table, rows)
        }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(Self.escape(path))</title>
            <style>
            body { font: 14px sans-serif; margin: 2em auto; max-width: 60em; color: #222 }
            table { border-collapse: collapse; margin: 0.5em 0 1.5em }
            th, td { border-bottom: 1px solid #ddd; padding: 0.2em 0.8em; text-align: left }
            td.number { text-align: right; font-variant-numeric: tabular-nums }
            svg { background: #f8f8f8; width: 100%; height: auto } text { font: 11px sans-serif }
            </style></head><body>
            \(body)</body></html>

            """
    }

    // MARK: Plots

    /// Packets per second over time, in at most 600 bars: each the busiest second of its part.
    private var rates: String {
        let rates = statistics.rates
        guard let first = rates.first?.second, let last = rates.last?.second, last > first else {
            return ""
        }
        let bars = Int(min(600, last - first + 1))
        var heights = [UInt64](repeating: 0, count: bars)
        for rate in rates {
            let place = Int(
                Double(rate.second - first) / Double(last - first + 1) * Double(bars))
            heights[min(place, bars - 1)] = max(heights[min(place, bars - 1)], rate.count.packets)
        }
        let greatest = Double(heights.max() ?? 1)
        let width = 900.0 / Double(bars)
        var shapes = ""
        for (place, height) in heights.enumerated() where height > 0 {
            let size = Double(height) / greatest * 150
            shapes += Self.rectangle(
                50 + Double(place) * width, 165 - size, max(width - 0.5, 0.5), size,
                "second \(Int64(Double(place) / Double(bars) * Double(last - first + 1))): "
                    + "\(height) packets")
        }
        return "<h2>Packets per second</h2>\n<svg viewBox=\"0 0 960 190\" role=\"img\">\n"
            + shapes + Self.label(4, 20, "\(Int(greatest))") + Self.label(4, 165, "0")
            + Self.label(50, 182, "0 s") + Self.label(900, 182, "\(last - first) s") + "</svg>\n"
    }

    /// Median and slowest of the most frequent controls, on a scale of powers of ten.
    private var latencies: String {
        let shown = statistics.exchanges.filter { $0.value.latency.count > 0 }
            .sorted { ($1.value.answered, $0.key) < ($0.value.answered, $1.key) }.prefix(30)
        guard !shown.isEmpty else { return "" }
        var shapes = ""
        for (place, (name, exchange)) in shown.enumerated() {
            let top = Double(place) * 18 + 22
            let median = Self.position(exchange.latency.quantile(perMille: 500) ?? 0)
            let slow = Self.position(exchange.latency.quantile(perMille: 990) ?? 0)
            shapes += Self.label(4, top + 10, name)
            shapes += Self.rectangle(
                median, top, max(slow - median, 2), 12, "\(name): from the median to 99 of 100")
        }
        for power in 0...7 {
            let place = Self.position(1_000 * Self.power(power))
            shapes += Self.label(
                place, 14,
                [
                    "1 us", "10 us", "100 us", "1 ms", "10 ms", "100 ms",
                    "1 s", "10 s",
                ][power])
        }
        let height = shown.count * 18 + 30
        return "<h2>Latency: from the median to 99 of 100</h2>\n"
            + "<svg viewBox=\"0 0 960 \(height)\" role=\"img\">\n\(shapes)</svg>\n"
    }

    private static func power(_ exponent: Int) -> Int64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    /// Where a time is: from 1 microsecond at the left to 10 seconds, 90 for each power of ten.
    private static func position(_ nanoseconds: Int64) -> Double {
        var rest = Double(max(nanoseconds, 1_000)) / 1_000
        var place = 200.0
        while rest >= 10, place < 830 {
            rest /= 10
            place += 90
        }
        // Between two powers a straight line is near enough for the eye.
        return min(place + 90 * (min(rest, 10) - 1) / 9, 930)
    }

    private static func rectangle(
        _ left: Double, _ top: Double, _ width: Double, _ height: Double, _ title: String
    ) -> String {
        "<rect x=\"\(number(left))\" y=\"\(number(top))\" width=\"\(number(width))\" "
            + "height=\"\(number(height))\" fill=\"#37c\"><title>\(escape(title))</title></rect>\n"
    }

    private static func label(_ left: Double, _ base: Double, _ text: String) -> String {
        "<text x=\"\(number(left))\" y=\"\(number(base))\">\(escape(text))</text>\n"
    }

    private static func number(_ value: Double) -> String {
        "\((value * 10).rounded() / 10)"
    }

    // MARK: Tables

    private static func table(_ table: Schema.Table, _ rows: [Row]) -> String {
        var text = "<h2>\(escape(table.name))</h2>\n<table><tr>"
        for column in table.columns {
            text += "<th title=\"\(escape(column.summary))\">\(title(column))</th>"
        }
        text += "</tr>\n"
        for row in rows {
            text += "<tr>"
            for (column, value) in zip(table.columns, row.cells) {
                let isNumber = column.kind == .number || column.kind == .real
                text += isNumber ? "<td class=\"number\">" : "<td>"
                text += escape(Plain.people(value)) + "</td>"
            }
            text += "</tr>\n"
        }
        return text + "</table>\n"
    }

    private static func title(_ column: Column) -> String {
        escape(String(column.name.map { $0 == "_" ? " " : $0 }))
    }

    /// Text that stands in a page as it is, whatever is in it.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default:
                if scalar.value < 0x20 {
                    result += " "
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }
}
