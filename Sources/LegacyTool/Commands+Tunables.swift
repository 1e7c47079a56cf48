// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

// Tunables.

extension Commands {
    static func getTunable(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("getvar") }
        return try printTunable(context, arguments[0])
    }

    private static func printTunable(
        _ context: ToolContext, _ name: RawText
    ) throws(ToolExit) -> Int32 {
        guard try context.hasTunable(name) else {
            context.print("No such tunable \(name)\n")
            return 1
        }
        let value = try context.ask(.tunable(name.string))
        context.print("\(name.string.padded(to: 26)) = \(value)\n")
        return 0
    }

    static func setTunable(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("setvar") }
        guard try context.hasTunable(arguments[0]) else {
            context.print("No such tunable \(arguments[0])\n")
            return 1
        }
        let value = try CNumber.parse(arguments[1], base: 0)
        let tunable = Tunable(
            value: UInt32(truncatingIfNeeded: value), name: arguments[0].string)
        let status = try context.perform(.setTunable(tunable))
        guard status > 0 else { return 0 }
        context.log(.error, "Control SET_TUNABLE failed, ret=\(Int32(bitPattern: status))\n")
        guard status == 1 else { return Int32(bitPattern: status) }
        context.complain("Setting obsolete tunable variable '\(arguments[0])'\n")
        return 0
    }

    static func listTunables(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("listvars") }
        for name in try context.ask(.tunableNames).names {
            do throws(ToolExit) {
                _ = try printTunable(context, RawText(name))
            } catch {
                // One that cannot be read does not hide the others.
                if error.isFinal { throw error }
            }
        }
        return 0
    }
}

extension ToolContext {
    /// Whether the node knows a tunable, in any case.
    func hasTunable(_ name: RawText) throws(ToolExit) -> Bool {
        let names = try ask(
            .tunableNames,
            complaint: "Failed to get list of variables from node \(node.rawValue)\n")
        let word = name.bytes.map(LogLevelName.lowercased)
        return names.names.contains { $0.utf8.map(LogLevelName.lowercased) == word }
    }
}
