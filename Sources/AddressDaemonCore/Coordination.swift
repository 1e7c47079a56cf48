// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import StageCore
import PeerWire
import Vocabulary

/// Which node's daemon coordinates: each daemon finds it alone, from what all of them know.
///
/// It is that of the leader's node when its function `ip` is taken over there, else that of the
/// lowest node where it is. One that is not heard is passed over after `silence`, which is shorter
/// than a hold-off: the next one goes on before ctdbd does. A later coordinator has a higher term,
/// and orders of a lower one are refused.
package struct Coordination: Equatable, Sendable {
    /// A coordinator is passed over when it was not heard for so long.
    package static let silence = Duration.seconds(4)

    /// This node.
    package var own = PNN.unknown
    /// The nodes that could, and those that are connected and active.
    package private(set) var candidates: [PNN] = []
    /// The highest term that was heard of, or taken.
    package private(set) var term: UInt64 = 0
    /// Who coordinates, as far as is known.
    package private(set) var coordinator: PNN?

    private var heard: [PNN: Instant] = [:]
    private var since: [PNN: Instant] = [:]
    private var ownTerm: UInt64 = 0

    package init() {}

    /// Whether this node coordinates.
    package var isOwn: Bool { coordinator == own && own.isNode }
    /// The term of this node's orders.
    package var orderTerm: UInt64 { ownTerm }

    /// Learns who could coordinate.
    package mutating func learn(
        stages: [PNN: Stage], active: [PNN], leader: PNN?, at now: Instant
    ) {
        let able = active.filter { stages[$0]?.isTakenOver == true }.sorted {
            $0.rawValue < $1.rawValue
        }
        candidates = able.filter { $0 == leader } + able.filter { $0 != leader }
        since = since.filter { able.contains($0.key) }
        for node in able where since[node] == nil { since[node] = now }
    }

    /// Hears from one that coordinates.
    ///
    /// - Returns: false when its term is over: it is not listened to.
    package mutating func hear(_ node: PNN, term: UInt64, at now: Instant) -> Bool {
        guard node != own, term >= self.term else { return false }
        heard[node] = now
        self.term = term
        if coordinator != own { coordinator = node }
        return true
    }

    /// Learns of a term that somebody else has heard of.
    package mutating func learn(term: UInt64) { self.term = max(self.term, term) }

    /// Finds who coordinates now.
    ///
    /// - Parameters:
    ///   - canAct: whether this node may.
    ///   - now: when.
    /// - Returns: whether that is another one than before.
    package mutating func decide(canAct: Bool, at now: Instant) -> Bool {
        let before = coordinator
        coordinator = nil
        for node in candidates {
            if node == own {
                guard canAct else { continue }
                if before != own || ownTerm < term {
                    term += 1
                    ownTerm = term
                }
                coordinator = own
                break
            }
            let last = max(heard[node] ?? Instant(nanoseconds: 0), since[node] ?? now)
            if now < last.advanced(by: Self.silence) {
                coordinator = node
                break
            }
        }
        return coordinator != before
    }
}
