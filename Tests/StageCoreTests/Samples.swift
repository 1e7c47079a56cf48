// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import StageCore
import Vocabulary

func node(_ number: UInt32) -> PNN { PNN(rawValue: number) }

func at(_ seconds: UInt64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

/// A change that an administrator makes.
func change(
    _ verb: StageVerb, _ function: ClusterFunction, _ nodes: [UInt32], epoch: UInt64,
    time: UInt64 = 1_000_000
) -> StageChange {
    StageChange(
        verb, function, on: nodes.map(node), basis: .table(epoch: epoch), who: "admin",
        origin: node(0), reason: "because", time: time)
}

extension StageTable {
    /// A table to which changes were made, each at the epoch before it.
    static func after(_ changes: [(StageVerb, ClusterFunction, [UInt32])]) throws -> StageTable {
        var table = StageTable.empty
        var log: StageLog?
        for (verb, function, nodes) in changes {
            _ = try table.apply(change(verb, function, nodes, epoch: table.epoch), log: &log)
        }
        return table
    }
}

/// What a daemon says that is well.
func status(
    _ function: ClusterFunction, _ stage: Stage, software: String = "daemon 1",
    _ adjust: (inout StageStatus) -> Void = { _ in }
) -> StageStatus {
    var status = StageStatus(
        function: function, recorded: stage, epoch: 1, inEffect: stage, inEffectSince: 1,
        detail: "", fitness: .fit, unfitReason: "", legacyReady: true, holdOffMilliseconds: 0,
        versionMinimum: 1, versionMaximum: 1, features: 0, featuresNeeded: 0, software: software,
        pid: 1, started: 1, compared: 10, different: 0, watched: 0, watchedErrors: 0,
        watchedMismatches: 0, watchedLatencyMicroseconds: 0, later: [])
    adjust(&status)
    return status
}
