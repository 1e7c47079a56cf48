// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Vocabulary

/// What was sent, received and told, and what must be true of it.
///
/// A method that takes something down returns what is wrong with it, nil when nothing is.
struct Ledger {
    struct Send {
        var life: UInt64
        var destination: Address
        var lane: Lane
        var kind: Outbound.Kind
        var byteCount: Int
        var isSourceGone = false
        var completion: Completion?
        /// The lives that have received it, and their nodes.
        var receivers: [(life: UInt64, node: Int)] = []
        var replies: [PNN] = []
    }

    struct FlowOrder: Hashable {
        var source: UInt64
        var destination: Address
        var lane: Lane
        var receiver: UInt64
    }

    private(set) var sends: [Send] = []
    private var newest: [FlowOrder: UInt64] = [:]
    var streams = StreamLedger()
    private(set) var openCount = 0

    var tally = Tally()

    /// The token of something new.
    mutating func begin(_ send: Send) -> UInt64 {
        sends.append(send)
        openCount += 1
        return UInt64(sends.count)
    }

    mutating func sourceEnded(_ life: UInt64) {
        for at in sends.indices where sends[at].life == life && sends[at].completion == nil {
            if !sends[at].isSourceGone { openCount -= 1 }
            sends[at].isSourceGone = true
        }
        streams.ended(life)
    }

    mutating func received(
        _ token: UInt64, by life: UInt64, node: Int, service: Service, byteCount: Int,
        handle: RequestHandle?
    ) -> String? {
        guard token > 0, token <= sends.count else { return "nobody sent \(token)" }
        let at = Int(token) - 1
        let send = sends[at]
        let destination = send.destination
        guard destination.service == service,
            destination.node.isBroadcast || destination.node == .current
                || destination.node.rawValue == UInt32(node),
            destination.instance.rawValue == 0 || destination.instance.rawValue == life
        else { return "\(token) came to the wrong process, node \(node)" }
        guard byteCount == send.byteCount else {
            return "\(token) has \(byteCount) bytes, not \(send.byteCount)"
        }
        if send.receivers.contains(where: { $0.life == life }) {
            return "\(token) was received twice by life \(life)"
        }
        if !destination.node.isBroadcast {
            switch send.completion {
            case .delivered, .answered:
                if !send.receivers.isEmpty { return "\(token) was received again" }
            case .failed(let code, possiblyDelivered: false):
                return "\(token) was received although it failed with \(code)"
            case .failed, .broadcast, nil: break
            }
        }
        sends[at].receivers.append((life, node))
        tally.received += 1
        let order = FlowOrder(
            source: send.life, destination: destination, lane: send.lane, receiver: life)
        if let last = newest[order], last > token { return "\(token) came after \(last)" }
        newest[order] = token
        return nil
    }

    mutating func replied(_ token: UInt64, _ node: PNN, _ life: UInt64) -> String? {
        let at = Int(token) - 1
        guard sends[at].life == life else { return "\(token) is another life's" }
        guard sends[at].completion == nil else { return "\(token) was replied to when finished" }
        guard !sends[at].replies.contains(node) else { return "\(token) was replied to twice" }
        sends[at].replies.append(node)
        return nil
    }

    mutating func finished(
        _ token: UInt64, _ completion: Completion, at world: World
    ) -> String? {
        guard token > 0, token <= sends.count else { return "nobody sent \(token)" }
        let at = Int(token) - 1
        let send = sends[at]
        guard send.completion == nil else { return "\(token) was finished twice" }
        sends[at].completion = completion
        if !send.isSourceGone { openCount -= 1 }
        switch completion {
        case .delivered:
            tally.delivered += 1
            guard send.receivers.count == 1 else {
                return "\(token) was delivered, but received by \(send.receivers)"
            }
        case .answered:
            tally.answered += 1
            guard send.kind == .request, !send.receivers.isEmpty else {
                return "\(token) was answered, but received by \(send.receivers)"
            }
        case .failed(let code, let isPossible):
            tally.failed[code, default: 0] += 1
            guard isPossible || send.receivers.isEmpty || send.destination.node.isBroadcast
            else { return "\(token) failed with \(code), but was received" }
        case .broadcast(let reached, let failed):
            tally.broadcasts += 1
            return Self.check(token, send, reached, failed, world)
        }
        return nil
    }

    private static func check(
        _ token: UInt64, _ send: Send, _ reached: [PNN], _ failed: [PNN: OutcomeCode],
        _ world: World
    ) -> String? {
        guard Set(reached).count == reached.count, Set(reached).isDisjoint(with: failed.keys)
        else { return "\(token): \(reached) and \(failed.keys) are not disjoint" }
        let all = (0..<world.options.nodeCount).map { PNN(rawValue: UInt32($0)) }
        let union = Set(reached).union(failed.keys)
        guard union.isSubset(of: all) else { return "\(token): \(union) are too many nodes" }
        if send.destination.node == .broadcastAll {
            guard union == Set(all) else { return "\(token): \(union) lack nodes" }
        }
        guard !union.isEmpty else { return "\(token) went to nobody" }
        for node in reached where send.kind == .message {
            let lives = send.receivers.filter { UInt32($0.node) == node.rawValue }
            guard !lives.isEmpty else { return "\(token) is said to have reached \(node)" }
        }
        return nil
    }

    /// What must be true when everything has come to rest.
    func verdict() -> String? {
        for (at, send) in sends.enumerated() {
            guard send.completion != nil || send.isSourceGone else {
                return "\(at + 1) to \(send.destination) was never finished"
            }
            let nodes = send.receivers.map(\.node)
            guard nodes.count != Set(nodes).count else { continue }
            switch send.completion {
            case .failed(_, possiblyDelivered: true)?: continue
            case .broadcast?, nil, .answered?, .delivered?, .failed?:
                return "\(at + 1) was received by two lives: \(send.receivers)"
            }
        }
        return streams.verdict()
    }
}

/// How often something happened, so that a run can show that it was about something.
package struct Tally: Sendable {
    /// Messages and requests received.
    package var received = 0
    /// Messages reported delivered.
    package var delivered = 0
    /// Requests answered.
    package var answered = 0
    /// Broadcasts reported.
    package var broadcasts = 0
    /// Streams that came to a good end.
    package var streams = 0
    /// Failures by their reasons.
    package var failed: [OutcomeCode: Int] = [:]

    package init() {}

    /// Adds another one.
    package mutating func add(_ other: Tally) {
        received += other.received
        delivered += other.delivered
        answered += other.answered
        broadcasts += other.broadcasts
        streams += other.streams
        failed.merge(other.failed, uniquingKeysWith: +)
    }
}
