// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// Keeps recovery daemons from dealing out addresses: asks them for some time, and again long
/// before that is over.
///
/// It counts when this node's recovery daemon and the leader's have agreed. Whoever lets them go
/// on, as the old command line does after reading addresses again, is answered by asking at once.
package struct HoldOffKeeper: Equatable, Sendable {
    /// What to do.
    package enum Effect: Equatable, Sendable {
        /// Ask a node's recovery daemon to hold off for so long; zero lets it go on.
        case ask(PNN, seconds: UInt32)
        /// ctdbd holds off until then.
        case heldOff(until: Instant)
    }

    /// For how long it asks.
    package var period: Duration
    /// Whether ctdbd is to hold off.
    package private(set) var isWanted = false

    private var own = PNN.unknown
    private var leader: PNN?
    private var nodes: [PNN] = []
    private var asked: [PNN: [Instant]] = [:]
    private var agreed: [PNN: Instant] = [:]
    private var nextAt: Instant?

    /// A refusal is that of a run under way: it is asked again after so long.
    private static let retry = Duration.milliseconds(100)

    package init(period: Duration) { self.period = period }

    /// Until when ctdbd holds off, as far as it has said so.
    package var end: Instant? {
        let needed = [own] + (leader.map { $0 == own ? [] : [$0] } ?? [])
        var end: Instant?
        for node in needed {
            guard let one = agreed[node] else { return nil }
            end = end.map { min($0, one) } ?? one
        }
        return end
    }

    /// Wants it from now on.
    package mutating func want(at now: Instant) -> [Effect] {
        guard !isWanted else { return [] }
        isWanted = true
        return askAll(now)
    }

    /// Learns who is to be asked.
    package mutating func learn(
        own: PNN, leader: PNN?, nodes: [PNN], at now: Instant
    ) -> [Effect] {
        let isChanged = own != self.own || leader != self.leader || nodes != self.nodes
        guard isChanged else { return [] }
        self.own = own
        self.leader = leader
        self.nodes = nodes
        agreed = agreed.filter { nodes.contains($0.key) }
        return isWanted ? askAll(now) : []
    }

    /// Wants it no more; what was asked is taken back unless somebody else still wants it.
    package mutating func stop(lettingGo: Bool) -> [Effect] {
        guard isWanted else { return [] }
        isWanted = false
        agreed = [:]
        asked = [:]
        nextAt = nil
        return lettingGo ? nodes.map { .ask($0, seconds: 0) } : []
    }

    /// Takes an answer: the number of the node that holds off, or a negative one.
    package mutating func answer(_ number: Int32, at now: Instant) -> [Effect] {
        guard isWanted else { return [] }
        guard number >= 0 else {
            let soon = now.advanced(by: Self.retry)
            nextAt = nextAt.map { min($0, soon) } ?? soon
            return []
        }
        let node = PNN(rawValue: UInt32(number))
        // Answers come in the order of the questions. One that was lost makes what follows count
        // for less, never for more.
        asked[node]?.removeAll { $0.advanced(by: period) <= now }
        guard let first = asked[node]?.first else { return [] }
        asked[node]?.removeFirst()
        let before = end
        agreed[node] = first.advanced(by: period)
        guard let end, end != before else { return [] }
        return [.heldOff(until: end)]
    }

    /// Sees that somebody asks this node's recovery daemon.
    package mutating func seen(seconds: UInt32, isOwn: Bool, at now: Instant) -> [Effect] {
        guard isWanted, !isOwn, seconds < UInt32(clamping: period.components.seconds) else {
            return []
        }
        return ask([own], now)
    }

    /// When it has to be asked next.
    package var wake: Instant? { isWanted ? nextAt : nil }

    /// The time has come.
    package mutating func tick(at now: Instant) -> [Effect] {
        guard isWanted, let nextAt, now >= nextAt else { return [] }
        return askAll(now)
    }

    private mutating func askAll(_ now: Instant) -> [Effect] {
        nextAt = now.advanced(by: period / 3)
        return ask(nodes, now)
    }

    private mutating func ask(_ nodes: [PNN], _ now: Instant) -> [Effect] {
        for node in nodes { asked[node, default: []].append(now) }
        let seconds = UInt32(clamping: max(1, period.components.seconds))
        return nodes.map { .ask($0, seconds: seconds) }
    }
}
