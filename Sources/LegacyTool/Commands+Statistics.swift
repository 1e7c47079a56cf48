// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire

// ctdbd's counters.

extension Commands {
    static func statistics(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("statistics") }
        context.printStatistics([try context.ask(.statistics)])
        return 0
    }

    static func resetStatistics(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("statisticsreset") }
        try context.perform(.resetStatistics)
        return 0
    }

    static func statisticsHistory(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count <= 1 else { throw context.usage("stats") }
        let count = arguments.first.map(CNumber.atoi) ?? 0
        let history = try context.ask(.statisticsHistory).elements
        // The legacy tool stops behind the element with the number, if that is one to show.
        let shown = history.enumerated().filter { $1.started.seconds != 0 }
        var last = shown.count
        if count > 0, let stop = shown.firstIndex(where: { $0.offset == Int(count) }) {
            last = stop + 1
        }
        context.printStatistics(shown[..<last].map(\.element))
        return 0
    }
}

extension ToolContext {
    fileprivate func printStatistics(_ list: [DaemonStatistics]) {
        guard options.isMachineReadable else {
            for values in list { print(RawText(StatisticsText.forPeople(values))) }
            return
        }
        guard let first = list.first else { return }
        printRow(StatisticsText.columnNames(first))
        for values in list { printRow(StatisticsText.columns(values)) }
    }

    /// Columns with a separator behind each, and none in front.
    private func printRow(_ columns: [String]) {
        let text = columns.reduce(RawText("")) { $0 + RawText($1) + options.separator }
        print(text + "\n")
    }
}
