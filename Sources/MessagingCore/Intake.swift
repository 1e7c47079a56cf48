// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// Remembers, for each flow, which packets were taken and what became of them.
///
/// Packet ids of a flow only grow, so one number says which packets have come already. That is how
/// a packet that travels twice, because a hop was lost under it, is delivered once.
public struct Intake: Equatable, Sendable {
    /// What to do with a packet.
    public enum Verdict: Equatable, Sendable {
        /// It is new.
        case take
        /// It came before; tell the sender these outcomes again (none while it is still under way).
        case duplicate([Outcome])
        /// It may have been taken by somebody who is gone: nobody can tell.
        case undecidable
    }

    /// The number of failures of a flow that are remembered, one by one.
    public static let failureMemory = 32
    /// How long a flow without packets under way is remembered.
    public static let idleMilliseconds: UInt64 = 600_000
    /// How many flows are remembered before the idle ones go early.
    public static let flowLimit = 65_536

    private struct Entry: Equatable, Sendable {
        /// The newest packet that was taken.
        var taken: UInt64 = 0
        /// Everything up to here was consumed, but for the failures.
        var consumed: UInt64 = 0
        /// The newest packet that an outcome was told for.
        var told: UInt64 = 0
        /// Whether a packet was taken that cannot have come before.
        var established = false
        var failures: [Outcome] = []
        /// Failures up to this id are forgotten.
        var forgotten: UInt64 = 0
        var lastUse = Instant(nanoseconds: 0)
    }

    private var entries = FlowTable<Entry>()
    private let refusesUndecidable: Bool

    /// Starts without a memory.
    ///
    /// - Parameter isFinal: whether this is the receiving service itself. Only it can know that it
    ///   never took a packet that was sent again; a hop on the way passes such a packet on.
    public init(isFinal: Bool) { refusesUndecidable = isFinal }

    /// The number of flows remembered.
    public var flowCount: Int { entries.count }

    /// Decides about a packet and remembers it.
    ///
    /// - Parameters:
    ///   - id: the packet's id.
    ///   - key: its flow.
    ///   - resent: whether it was sent before to somebody who is gone.
    ///   - reporter: this node, for outcomes told again.
    ///   - now: the time.
    /// - Returns: the decision.
    public mutating func consider(
        _ id: UInt64, of key: FlowKey, resent: Bool, reporter: PNN, at now: Instant
    ) -> Verdict {
        let slot = entries.slot(of: key) ?? entries.insert(key, Entry())
        entries[slot].lastUse = now
        guard id > entries[slot].taken else {
            return .duplicate(Self.retold(id, key, entries[slot], reporter))
        }
        entries[slot].taken = id
        if !resent {
            entries[slot].established = true
        } else if refusesUndecidable && !entries[slot].established {
            return .undecidable
        }
        return .take
    }

    /// Remembers an outcome, so that it can be told again.
    public mutating func settle(_ outcome: Outcome, at now: Instant) {
        guard let slot = entries.slot(of: FlowKey(outcome)) else { return }
        entries[slot].lastUse = now
        entries[slot].told = max(entries[slot].told, outcome.packetID)
        if outcome.code == .consumed {
            let known = min(outcome.packetID, entries[slot].taken)
            entries[slot].consumed = max(entries[slot].consumed, known)
        } else {
            entries[slot].failures.append(outcome)
            if entries[slot].failures.count > Self.failureMemory {
                let first = entries[slot].failures.removeFirst()
                entries[slot].forgotten = max(entries[slot].forgotten, first.packetID)
            }
        }
    }

    /// Forgets flows that have rested, unless a packet of theirs is still under way.
    public mutating func sweep(at now: Instant) {
        let idle =
            entries.count > Self.flowLimit ? Self.idleMilliseconds / 60 : Self.idleMilliseconds
        for slot in entries.slots {
            let entry = entries[slot]
            if entry.told >= entry.taken, entry.lastUse.advanced(byMilliseconds: idle) <= now {
                entries.remove(slot: slot, blank: Entry())
            }
        }
    }

    /// The outcomes of a flow from packet `id` on, as far as they are known.
    private static func retold(
        _ id: UInt64, _ key: FlowKey, _ entry: Entry, _ reporter: PNN
    ) -> [Outcome] {
        if id <= entry.forgotten {
            // It may be one of the forgotten failures, and a cumulative outcome would hide others.
            return [key.outcome(.proxyGone, id: id, by: reporter, possiblyDelivered: true)]
        }
        var outcomes = entry.failures.filter { $0.packetID >= id }
        if entry.consumed >= id {
            outcomes.append(key.outcome(.consumed, id: entry.consumed, by: reporter))
        }
        return outcomes
    }
}
