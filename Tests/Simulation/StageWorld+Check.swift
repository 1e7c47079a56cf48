// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import StageCore
import Vocabulary

extension StageWorld {
    /// Looks at every function on every node.
    func check() {
        for node in nodes.indices {
            for function in Self.functions { check(node, function) }
        }
    }

    private func check(_ node: Int, _ function: ClusterFunction) {
        let isLegacy = legacyActs(node, function)
        let isNative = nativeActs(node, function)
        if isLegacy, isNative {
            return fail("node \(node): two owners of \(function)")
        }
        guard !isLegacy, !isNative, nodes[node].hasLegacy else {
            nodes[node].unowned[function] = nil
            return
        }
        let since = nodes[node].unowned[function] ?? now
        nodes[node].unowned[function] = since
        // While a process hangs, the kernel keeps what it has frozen: until it is killed.
        if let hangs = nodes[node].hangs[function], function == .event {
            guard now > hangs.advanced(by: .seconds(50)) else {
                nodes[node].unowned[function] = now
                return
            }
            return fail("node \(node): \(function) hangs for ever")
        }
        let holdOff = function == .ip ? Self.holdOff : .zero
        let limit = since.advanced(by: holdOff + Self.stepLimit + Self.stepLimit)
        if now > limit { fail("node \(node): nobody does \(function)") }
    }

    /// Whether ctdbd does it now.
    func legacyActs(_ node: Int, _ function: ClusterFunction) -> Bool {
        guard nodes[node].hasLegacy else { return false }
        if function == .event { return nodes[node].frozenBy == nil }
        if sabotage == .neverResumes, nodes[node].heldUntil > Instant(nanoseconds: 0) {
            return nodes[node].heldUntil <= nodes[node].legacySince
        }
        return now >= nodes[node].heldUntil
    }

    /// Whether our daemon does it now.
    func nativeActs(_ node: Int, _ function: ClusterFunction) -> Bool {
        guard let daemon = nodes[node].daemons[function], daemon.isAlive, !daemon.isPaused else {
            return false
        }
        guard nodes[node].hasLegacy, daemon.connectedTo == nodes[node].legacySince else {
            return false
        }
        return daemon.machine.mayAct(at: now)
    }

    /// A change moves entries as its verb may, and an automatic one only backwards.
    func checkMoves(_ moves: [StageTable.Move], _ change: StageChange, _ before: StageTable) {
        for move in moves {
            if before.stage(of: move.function, on: move.node) != move.from {
                fail("\(move) does not begin where the function was")
            }
            if change.isAutomatic, move.to > move.from { fail("\(move) by itself") }
            if move.function == change.function, change.verb.target(from: move.from) != move.to {
                fail("\(move) by \(change.verb)")
            }
            let needs = Dependencies.unmet(
                of: move.function, in: move.to, on: move.node, in: before)
            if move.to > move.from, !needs.isEmpty { fail("\(move) before \(needs)") }
        }
        if case .table(let epoch) = change.basis, epoch != before.epoch {
            fail("a change of epoch \(epoch) was recorded at epoch \(before.epoch)")
        }
    }

    /// After a long quiet time everything is as recorded, and dead nodes are plain legacy nodes.
    func checkEnd() {
        for node in nodes.indices {
            for function in Self.functions {
                let recorded = nodes[node].table.stage(of: function, on: pnn(node))
                guard let daemon = nodes[node].daemons[function] else { continue }
                guard daemon.isAlive else {
                    if !legacyActs(node, function) {
                        fail("node \(node): \(function) does not resume")
                    }
                    continue
                }
                if daemon.machine.inEffect != recorded {
                    fail(
                        "node \(node): \(function) is recorded as \(recorded) and is "
                            + "\(daemon.machine.inEffect) in effect: \(daemon.machine.detail)")
                }
            }
        }
        let tables = Set(nodes.map(\.table))
        if tables.count > 1 { fail("the copies of the table differ") }
    }
}
