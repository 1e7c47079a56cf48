// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// What happens when a change is carried out, in words.
enum StageSteps {
    static func of(
        _ change: StageChange, _ moves: [StageTable.Move], _ table: StageTable
    ) -> [StagePlan.Step] {
        var steps = [
            StagePlan.Step(
                node: nil,
                text: "begin a transaction on \(StageTable.databaseName), and check that its epoch "
                    + "is still \(table.epoch)")
        ]
        for move in moves {
            let text =
                change.verb == .verify
                ? "record that \(move.function) was verified in \(move.from)"
                : "record \(move.function): \(move.from) to \(move.to)"
            steps.append(.init(node: move.node, text: text))
        }
        steps.append(
            .init(
                node: nil,
                text: "record in the log who, when and why; commit as epoch \(table.epoch &+ 1), "
                    + "which ctdbd replicates to all nodes"))
        for move in moves where change.verb != .verify {
            for text in consequences(move) { steps.append(.init(node: move.node, text: text)) }
        }
        return steps
    }

    private static func consequences(_ move: StageTable.Move) -> [String] {
        let program = move.function.program
        switch (move.from, move.to) {
        case (.legacy, .shadow):
            return ["\(program) begins to decide beside ctdbd, and to compare; it acts on nothing"]
        case (.shadow, .native):
            return [
                "\(program) holds ctdbd off from \(move.function), waiting for what runs",
                "\(program) does \(move.function) from then on",
            ]
        case (.native, .finalised):
            return ["\(program) puts away what ctdbd had for \(move.function)"]
        case (.finalised, .native):
            return ["\(program) puts back what ctdbd needs for \(move.function)"]
        case (.native, .shadow):
            return [
                "\(program) finishes what runs, and takes on nothing more",
                "ctdbd does \(move.function) again; it does so by itself when \(program) is dead",
            ]
        case (.shadow, .legacy): return ["\(program) decides and compares no more"]
        default: return []
        }
    }
}
