// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DequeModule
import PeerWire
import Vocabulary

/// The packets that a hop holds until their outcome is known: sent ones and waiting ones, by flow.
///
/// Flows of a lane take turns, so that a slow or a busy one does not delay the others.
package struct Outbox: Equatable, Sendable {
    /// A packet until its outcome.
    package struct Held: Equatable, Sendable {
        package var id: UInt64
        package var bytes: ArraySlice<UInt8>
        package var deadline: Instant?
        /// An earlier life of a receiver may have been given it.
        package var resent: Bool
        /// It has been handed to this hop's other end, perhaps in an earlier epoch.
        var everSent = false
        /// The frame of this epoch that carried it; 0 when it was acknowledged in an earlier epoch.
        var frame: UInt64 = 0

        package init(id: UInt64, bytes: ArraySlice<UInt8>, deadline: Instant?, resent: Bool) {
            self.id = id
            self.bytes = bytes
            self.deadline = deadline
            self.resent = resent
        }
    }

    private struct Flow: Equatable, Sendable {
        var packets: Deque<Held> = []
        /// How many of the packets, counted from the first, were sent.
        var sentCount = 0
        /// Whether the flow stands in its lane's queue.
        var isWaiting = false
    }

    /// So many flows keep their slot while they have no packets.
    private static let restingFlows = 64

    private var flows = FlowTable<Flow>()
    private var turns: [Deque<Int>] = [[], []]
    /// The bytes of all packets held.
    package private(set) var heldByteCount = 0
    package private(set) var heldCount = 0
    /// Waiting packets that have a deadline, in all flows.
    package private(set) var deadlineCount = 0

    package init() {}

    package var isEmpty: Bool { heldCount == 0 }

    package func hasWaiting(_ lane: Lane) -> Bool { !turns[Int(lane.rawValue)].isEmpty }

    package mutating func hold(_ packet: Held, of key: FlowKey) {
        let slot = flows.slot(of: key) ?? flows.insert(key, Flow())
        flows[slot].packets.append(packet)
        heldByteCount += packet.bytes.count
        heldCount += 1
        if packet.deadline != nil { deadlineCount += 1 }
        wait(slot, key.lane)
    }

    /// What the next frame takes of a lane: packets up to `limit` bytes, one at least if any.
    ///
    /// - Parameters:
    ///   - lane: the lane.
    ///   - frame: the number of the frame.
    ///   - limit: at most so many bytes.
    ///   - resent: only packets of this kind are taken; nil lets the first packet decide.
    ///   - packets: gets the packets.
    /// - Returns: the number of bytes taken.
    package mutating func send(
        _ lane: Lane, inFrame frame: UInt64, limit: Int, resent: inout Bool?,
        into packets: inout [ArraySlice<UInt8>]
    ) -> Int {
        let turn = Int(lane.rawValue)
        var byteCount = 0
        while let slot = turns[turn].first {
            // One flow gives up to a fair share, then the next one has its turn.
            var share = 16_384
            while flows[slot].sentCount < flows[slot].packets.count, share > 0 {
                let at = flows[slot].sentCount
                let count = flows[slot].packets[at].bytes.count
                let isResent = flows[slot].packets[at].resent
                if let kind = resent, kind != isResent { return byteCount }
                if byteCount + count > limit, byteCount > 0 || resent != nil { return byteCount }
                resent = isResent
                if flows[slot].packets[at].deadline != nil { deadlineCount -= 1 }
                flows[slot].packets[at].frame = frame
                flows[slot].packets[at].everSent = true
                flows[slot].sentCount = at + 1
                byteCount += count
                share -= count
                packets.append(flows[slot].packets[at].bytes)
            }
            turns[turn].removeFirst()
            if flows[slot].sentCount < flows[slot].packets.count {
                turns[turn].append(slot)
            } else {
                flows[slot].isWaiting = false
            }
        }
        return byteCount
    }

    /// Lets go of what an outcome settles.
    ///
    /// A consumed one speaks for all packets up to its own but for the failures told before it. So
    /// it counts only for packets that came before it was told; the others may fail yet.
    ///
    /// - Parameters:
    ///   - outcome: what was told.
    ///   - acknowledged: the last frame of this epoch that came before the outcome was told.
    /// - Returns: the outcome as far as packets held here go; nil when it speaks of none.
    package mutating func settle(_ outcome: Outcome, acknowledged: UInt64) -> Outcome? {
        let key = FlowKey(outcome)
        guard let slot = flows.slot(of: key) else { return nil }
        if outcome.code == .consumed {
            var last: UInt64?
            while flows[slot].sentCount > 0 {
                let id = flows[slot].packets[0].id
                guard id <= outcome.packetID, flows[slot].packets[0].frame <= acknowledged else {
                    break
                }
                remove(at: 0, slot)
                last = id
            }
            forgetIfEmpty(slot)
            guard let last else { return nil }
            var settled = outcome
            settled.packetID = last
            return settled
        }
        guard let at = place(of: outcome.packetID, slot) else { return nil }
        remove(at: at, slot)
        forgetIfEmpty(slot)
        return outcome
    }

    /// Whether a packet is held.
    package mutating func holds(_ id: UInt64, of key: FlowKey) -> Bool {
        flows.slot(of: key).map { place(of: id, $0) != nil } ?? false
    }

    /// What has to be sent again.
    package enum Rewind: Equatable, Sendable {
        /// Frames up to this one have come; the later ones are missing.
        case unacknowledged(after: UInt64)
        /// Everything that has no outcome; the other end knows what came before.
        case everything
        /// The same, but the other end is another life, which knows nothing. The frames of this
        /// epoch from the first stray one on have not come to its former life.
        case toAnotherLife(firstStray: UInt64)
    }

    /// Puts back what has to be sent again.
    package mutating func rewind(_ rewind: Rewind) {
        for slot in flows.slots {
            guard let key = flows.keys[slot] else { continue }
            var kept = 0
            if case .unacknowledged(let acknowledged) = rewind {
                while kept < flows[slot].sentCount,
                    flows[slot].packets[kept].frame <= acknowledged
                {
                    flows[slot].packets[kept].frame = 0
                    kept += 1
                }
            }
            for at in kept..<flows[slot].sentCount {
                if flows[slot].packets[at].deadline != nil { deadlineCount += 1 }
            }
            if case .toAnotherLife(let firstStray) = rewind {
                for at in flows[slot].packets.indices where flows[slot].packets[at].everSent {
                    let isSent = at < flows[slot].sentCount
                    if isSent, flows[slot].packets[at].frame >= firstStray {
                        flows[slot].packets[at].everSent = false
                        continue
                    }
                    flows[slot].packets[at].resent = true
                }
            }
            flows[slot].sentCount = kept
            if kept < flows[slot].packets.count { wait(slot, key.lane) }
        }
    }

    /// Takes out the waiting packets whose deadline has passed.
    package mutating func expire(at now: Instant, reporter: PNN) -> [Outcome] {
        guard deadlineCount > 0 else { return [] }
        return remove(reporter: reporter, code: .deadlinePassed) { packet, isSent in
            guard let deadline = packet.deadline else { return false }
            return !isSent && deadline <= now
        }
    }

    /// Takes out everything.
    package mutating func failAll(_ code: OutcomeCode, reporter: PNN) -> [Outcome] {
        remove(reporter: reporter, code: code) { _, _ in true }
    }

    /// Takes out the packets that were sent to somebody who is gone and can't be sent to another.
    package mutating func failSent(_ code: OutcomeCode, reporter: PNN) -> [Outcome] {
        remove(reporter: reporter, code: code) { packet, _ in packet.everSent }
    }

    // MARK: Helpers

    private mutating func remove(
        reporter: PNN, code: OutcomeCode, where isMeant: (Held, Bool) -> Bool
    ) -> [Outcome] {
        var outcomes: [Outcome] = []
        for slot in flows.slots {
            guard let key = flows.keys[slot] else { continue }
            outcomes += remove(slot, key, reporter: reporter, code: code, where: isMeant)
        }
        return outcomes
    }

    private mutating func remove(
        _ slot: Int, _ key: FlowKey, reporter: PNN, code: OutcomeCode,
        where isMeant: (Held, Bool) -> Bool
    ) -> [Outcome] {
        var outcomes: [Outcome] = []
        var at = 0
        while at < flows[slot].packets.count {
            let packet = flows[slot].packets[at]
            if isMeant(packet, at < flows[slot].sentCount) {
                outcomes.append(
                    key.outcome(
                        code, id: packet.id, by: reporter,
                        possiblyDelivered: packet.everSent || packet.resent))
                remove(at: at, slot)
            } else {
                at += 1
            }
        }
        forgetIfEmpty(slot)
        return outcomes
    }

    private mutating func wait(_ slot: Int, _ lane: Lane) {
        guard !flows[slot].isWaiting else { return }
        flows[slot].isWaiting = true
        turns[Int(lane.rawValue)].append(slot)
    }

    private func place(of id: UInt64, _ slot: Int) -> Int? {
        var low = 0
        var high = flows[slot].packets.count
        while low < high {
            let middle = (low + high) / 2
            if flows[slot].packets[middle].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < flows[slot].packets.count, flows[slot].packets[low].id == id else {
            return nil
        }
        return low
    }

    private mutating func remove(at place: Int, _ slot: Int) {
        let packet = flows[slot].packets[place]
        heldByteCount -= packet.bytes.count
        heldCount -= 1
        if place < flows[slot].sentCount {
            flows[slot].sentCount -= 1
        } else if packet.deadline != nil {
            deadlineCount -= 1
        }
        if place == 0 {
            flows[slot].packets.removeFirst()
        } else {
            flows[slot].packets.remove(at: place)
        }
    }

    private mutating func forgetIfEmpty(_ slot: Int) {
        guard flows.count > Self.restingFlows, flows[slot].packets.isEmpty,
            let key = flows.keys[slot]
        else { return }
        if flows[slot].isWaiting {
            turns[Int(key.lane.rawValue)].removeAll { $0 == slot }
        }
        flows.remove(slot: slot, blank: Flow())
    }
}
