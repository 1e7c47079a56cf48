// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DequeModule
import MessagingCore
import PeerWire
import Vocabulary

/// The broadcasts of this node's processes, until every node has had its outcome.
package struct Fanout: Equatable, Sendable {
    private struct Spread: Equatable, Sendable {
        var id: UInt64
        var remaining: [PNN]
    }

    private var flows: [FlowKey: Deque<Spread>] = [:]

    package init() {}

    /// A broadcast goes to these nodes.
    package mutating func begin(_ id: UInt64, of key: FlowKey, to nodes: [PNN]) {
        flows[key, default: []].append(Spread(id: id, remaining: nodes))
    }

    /// One node's outcome.
    ///
    /// - Returns: what to tell the source, in order.
    package mutating func settle(_ outcome: Outcome, from node: PNN, own: PNN) -> [Outcome] {
        let key = FlowKey(outcome)
        guard var spreads = flows[key] else { return [] }
        var told: [Outcome] = []
        for at in spreads.indices {
            let id = spreads[at].id
            let isMeant =
                outcome.code == .consumed ? id <= outcome.packetID : id == outcome.packetID
            guard isMeant, let place = spreads[at].remaining.firstIndex(of: node) else { continue }
            spreads[at].remaining.remove(at: place)
            let code = outcome.code == .consumed ? OutcomeCode.reached : outcome.code
            told.append(
                key.outcome(code, id: id, by: node, possiblyDelivered: outcome.possiblyDelivered))
        }
        told += Self.finish(&spreads, key, own)
        flows[key] = spreads.isEmpty ? nil : spreads
        return told
    }

    /// The broadcasts in front that lack nothing any more.
    package mutating func finish(_ key: FlowKey, own: PNN) -> [Outcome] {
        guard var spreads = flows[key] else { return [] }
        let told = Self.finish(&spreads, key, own)
        flows[key] = spreads.isEmpty ? nil : spreads
        return told
    }

    private static func finish(
        _ spreads: inout Deque<Spread>, _ key: FlowKey, _ own: PNN
    ) -> [Outcome] {
        var last: UInt64?
        while let first = spreads.first, first.remaining.isEmpty {
            last = first.id
            spreads.removeFirst()
        }
        return last.map { [key.outcome(.consumed, id: $0, by: own)] } ?? []
    }
}
