// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DequeModule
import PeerWire
import Vocabulary

/// What an endpoint has to send to one destination in one lane.
struct Conversation: Equatable, Sendable {
    /// A message of which packets are still to be cut.
    struct Queued: Equatable, Sendable {
        var outbound: Outbound
        var kind: PacketKind
        var replyTo: UInt64
        var deadline: Instant?
        var firstID: UInt64 = 0
        var offset = 0
        /// The stream that it belongs to.
        var stream: StreamKey?
        /// The stream has ended here; this only says so again.
        var isParting = false
    }

    /// A packet whose outcome is not known.
    struct Unsettled: Equatable, Sendable {
        var id: UInt64
        var byteCount: Int
        var token: UInt64
        var firstID: UInt64
        /// Whether the packet ends its message.
        var isLast: Bool
        /// What to do when the message was taken.
        var role: Role
    }

    enum Role: Equatable, Sendable {
        case message
        case request
        case answer
        case stream(StreamKey)
        case parting(StreamKey)
    }

    var queue: Deque<Queued> = []
    var unsettled: Deque<Unsettled> = []
    var unsettledByteCount = 0
    var isReady = false
    /// For broadcasts under way, by their first packets: the nodes that have taken or failed them.
    var spreads: [UInt64: Spread] = [:]

    var isIdle: Bool { queue.isEmpty && unsettled.isEmpty }
}

/// How far a broadcast has come; a node is in one of the two at most.
struct Spread: Equatable, Sendable {
    var reached: [PNN] = []
    var failed: [PNN: OutcomeCode] = [:]

    mutating func reach(_ node: PNN) {
        // A proxy that was started anew tells again.
        if !reached.contains(node) { reached.append(node) }
        failed[node] = nil
    }

    mutating func fail(_ node: PNN, _ code: OutcomeCode) {
        if !reached.contains(node) { failed[node] = code }
    }
}

/// A request until its reply.
struct PendingRequest: Equatable, Sendable {
    var token: UInt64
    var destination: Address
    var deadline: Instant
    /// For a broadcast: the nodes that have answered, and those that have taken it or failed.
    var answered: [PNN] = []
    var spread = Spread()
    var isSpread = false
}

extension EndpointCore {
    private static let requestMilliseconds: UInt32 = 60_000

    /// Takes something to be sent.
    mutating func send(_ outbound: Outbound, at now: Instant, _ effects: inout [Effect]) {
        guard outbound.payload.count <= Int(PeerProtocol.messageLimit) else {
            finish(outbound.token, .failed(.tooLarge, possiblyDelivered: false), &effects)
            return
        }
        var queued = Conversation.Queued(outbound: outbound, kind: .message, replyTo: 0)
        switch outbound.kind {
        case .message: break
        case .request:
            queued.kind = .request
            if outbound.timeoutMilliseconds == nil {
                queued.outbound.timeoutMilliseconds = Self.requestMilliseconds
            }
        case .reply(let id):
            queued.kind = .reply
            queued.replyTo = id
        case .refusal(let id):
            queued.kind = .refusal
            queued.replyTo = id
        }
        enqueue(queued, at: now)
    }

    /// Puts a message into its conversation's queue.
    mutating func enqueue(_ queued: Conversation.Queued, at now: Instant) {
        var queued = queued
        if queued.deadline == nil, let timeout = queued.outbound.timeoutMilliseconds {
            let deadline = now.advanced(byMilliseconds: UInt64(timeout))
            queued.deadline = deadline
            queueWake = queueWake.map { min($0, deadline) } ?? deadline
        }
        let node = queued.outbound.destination.node
        guard node == .current || own.node != .current else {
            early.append(queued)
            earlySince = earlySince ?? now
            return
        }
        let key = flowKey(to: queued.outbound.destination, queued.outbound.lane)
        let slot = conversations.slot(of: key) ?? conversations.insert(key, Conversation())
        conversations[slot].queue.append(queued)
        if !conversations[slot].isReady {
            conversations[slot].isReady = true
            ready.append(slot)
        }
    }

    /// The flow from here; between processes of one node both ends are written as this node.
    func flowKey(to destination: Address, _ lane: Lane) -> FlowKey {
        var source = own
        var destination = destination
        if destination.node == own.node || destination.node == .current,
            destination.service != .proxy
        {
            source.node = .current
            destination.node = .current
        }
        return FlowKey(source: source, destination: destination, lane: lane)
    }

    /// Cuts packets from what waits, as far as windows and hops allow.
    mutating func feed(at now: Instant, _ effects: inout [Effect]) {
        let turn = ready
        ready = []
        for slot in turn {
            guard let key = conversations.keys[slot] else { continue }
            let window =
                key.lane == .urgent ? settings.urgentWindow : settings.normalWindow
            var isBlocked = false
            while !isBlocked, !conversations[slot].queue.isEmpty {
                isBlocked = !cut(slot, key, window, at: now, &effects)
            }
            conversations[slot].isReady = isBlocked
            if isBlocked { ready.append(slot) }
        }
    }

    /// Cuts one packet; false when the window or the hop is full.
    private mutating func cut(
        _ slot: Int, _ key: FlowKey, _ window: Int, at now: Instant, _ effects: inout [Effect]
    ) -> Bool {
        // Taken out rather than copied; what is not cut to its end goes back.
        guard var front = conversations[slot].queue.popFirst() else { return true }
        if front.offset == 0, let deadline = front.deadline, deadline <= now {
            finish(
                front.outbound.token, .failed(.deadlinePassed, possiblyDelivered: false), &effects)
            return true
        }
        let total = front.outbound.payload.count
        let count = min(total - front.offset, Int(PeerProtocol.packetPayloadLimit))
        let packetByteCount = Int(PeerProtocol.packetHeaderBytes) + count + 3
        let held = conversations[slot].unsettledByteCount
        guard held == 0 || held + packetByteCount <= window else {
            conversations[slot].queue.prepend(front)
            return false
        }
        let hop = hop(to: key.destination)
        let at = peer(hop, at: now)
        guard peers[at].link.hasRoom(packetByteCount, key.lane) else {
            conversations[slot].queue.prepend(front)
            return false
        }
        // The process may be back: the socket tells at once.
        if hop != .proxy { peers[at].link.resumeIfAbsent(at: now) }

        let id = nextID
        nextID += 1
        let isLast = front.offset + count == total
        if front.offset == 0 {
            front.firstID = id
            expectAnswer(front, id, at: now)
        }
        let start = front.outbound.payload.startIndex + front.offset
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: front.kind,
            flags: flags(front, key.lane), procedure: front.outbound.procedure,
            source: key.source, destination: key.destination, packetID: id,
            replyTo: front.replyTo,
            deadlineMilliseconds: UInt32(
                clamping: front.deadline.map { max(1, now.milliseconds(until: $0)) } ?? 0),
            payloadLength: 0, fragmentOffset: UInt32(front.offset), messageLength: UInt32(total))
        let bytes = Packet.encode(header, payload: front.outbound.payload[start..<(start + count)])
        let refusal = peers[at].link.hold(
            bytes[...], id: id, of: key, resent: false, deadline: front.deadline)
        conversations[slot].unsettled.append(
            Conversation.Unsettled(
                id: id, byteCount: bytes.count, token: front.outbound.token, firstID: front.firstID,
                isLast: isLast, role: role(front)))
        conversations[slot].unsettledByteCount += bytes.count
        front.offset += count
        if !isLast { conversations[slot].queue.prepend(front) }
        if let refusal { settle([key.outcome(refusal, id: id, by: own.node)], at: now, &effects) }
        return true
    }

    private func role(_ queued: Conversation.Queued) -> Conversation.Role {
        if let stream = queued.stream {
            return queued.isParting ? .parting(stream) : .stream(stream)
        }
        switch queued.outbound.kind {
        case .message: return .message
        case .request: return .request
        case .reply, .refusal: return .answer
        }
    }

    private func flags(_ queued: Conversation.Queued, _ lane: Lane) -> UInt32 {
        var flags = lane == .urgent ? PeerProtocol.packetUrgent : 0
        if queued.kind == .message, queued.outbound.token != 0 {
            flags |= PeerProtocol.packetPrompt
        }
        return flags
    }

    private mutating func expectAnswer(
        _ queued: Conversation.Queued, _ id: UInt64, at now: Instant
    ) {
        guard queued.kind == .request, queued.outbound.token != 0 else { return }
        requests[id] = PendingRequest(
            token: queued.outbound.token, destination: queued.outbound.destination,
            deadline: queued.deadline ?? now)
        if let deadline = queued.deadline {
            requestWake = requestWake.map { min($0, deadline) } ?? deadline
        }
    }

    /// Ends what waited too long to be cut.
    mutating func expireQueues(at now: Instant, _ effects: inout [Effect]) {
        guard let due = queueWake, due <= now else { return }
        var next: Instant?
        var expired: [UInt64] = []
        let isExpired = { (queued: Conversation.Queued) -> Bool in
            guard queued.offset == 0, let deadline = queued.deadline else { return false }
            if deadline > now {
                next = next.map { min($0, deadline) } ?? deadline
                return false
            }
            expired.append(queued.outbound.token)
            return true
        }
        early.removeAll(where: isExpired)
        for slot in conversations.slots { conversations[slot].queue.removeAll(where: isExpired) }
        for token in expired {
            finish(token, .failed(.deadlinePassed, possiblyDelivered: false), &effects)
        }
        // Not at every single deadline: looking through the queues costs.
        queueWake = next.map { max($0, now.advanced(byMilliseconds: 20)) }
    }

    // MARK: Outcomes

    /// Does what outcomes of packets from here mean.
    ///
    /// - Parameters:
    ///   - outcomes: what became of packets.
    ///   - isRemote: whether the other end of a hop told them. Then the failure of a broadcast is
    ///     that of one node, unless the group reports it; a hop that fails at this end fails it
    ///     altogether.
    ///   - now: the time.
    ///   - effects: gets what follows.
    mutating func settle(
        _ outcomes: [Outcome], isRemote: Bool = false, at now: Instant, _ effects: inout [Effect]
    ) {
        for outcome in outcomes {
            guard let slot = conversations.slot(of: FlowKey(outcome)) else { continue }
            switch outcome.code {
            case .consumed: consumed(outcome, slot, &effects)
            case .reached: reached(outcome, slot, &effects)
            default: failed(outcome, isRemote, slot, at: now, &effects)
            }
            if !conversations[slot].isReady, !conversations[slot].queue.isEmpty {
                conversations[slot].isReady = true
                ready.append(slot)
            }
            if conversations.count > 256, conversations[slot].isIdle {
                conversations.remove(slot: slot, blank: Conversation())
            }
        }
    }

    private mutating func consumed(
        _ outcome: Outcome, _ slot: Int, _ effects: inout [Effect]
    ) {
        while let packet = conversations[slot].unsettled.first, packet.id <= outcome.packetID {
            conversations[slot].unsettled.removeFirst()
            conversations[slot].unsettledByteCount -= packet.byteCount
            guard packet.isLast else { continue }
            let isBroadcast = outcome.destination.node.isBroadcast
            switch packet.role {
            case .message where isBroadcast:
                let spread = conversations[slot].spreads[packet.firstID] ?? Spread()
                finish(
                    packet.token, .broadcast(reached: spread.reached, failed: spread.failed),
                    &effects)
            case .message: finish(packet.token, .delivered, &effects)
            case .request where isBroadcast:
                requests[packet.firstID]?.isSpread = true
                finishBroadcast(packet.firstID, &effects)
            case .parting(let key): partings[key] = nil
            case .request, .answer, .stream: break
            }
            if isBroadcast { conversations[slot].spreads[packet.firstID] = nil }
        }
    }

    /// One node of a broadcast has taken a packet.
    private mutating func reached(
        _ outcome: Outcome, _ slot: Int, _ effects: inout [Effect]
    ) {
        guard
            let packet = conversations[slot].unsettled.first(where: { $0.id == outcome.packetID }),
            packet.isLast
        else { return }
        if packet.role == .request {
            requests[packet.firstID]?.spread.reach(outcome.reporter)
        } else {
            conversations[slot].spreads[packet.firstID, default: Spread()]
                .reach(outcome.reporter)
        }
    }

    private mutating func failed(
        _ outcome: Outcome, _ isRemote: Bool, _ slot: Int, at now: Instant,
        _ effects: inout [Effect]
    ) {
        let unsettled = conversations[slot].unsettled
        guard let at = unsettled.firstIndex(where: { $0.id == outcome.packetID }) else { return }
        let packet = unsettled[at]
        if isRemote, outcome.isOfOneNode {
            // One node of several: the rest still counts.
            if packet.role == .request {
                requests[packet.firstID]?.spread.fail(outcome.reporter, outcome.code)
            } else {
                conversations[slot].spreads[packet.firstID, default: Spread()]
                    .fail(outcome.reporter, outcome.code)
            }
            return
        }
        conversations[slot].spreads[packet.firstID] = nil
        let isPossible = outcome.possiblyDelivered
        // The whole message has failed: nothing more of it is cut, and nothing more is told of it.
        var kept: Deque<Conversation.Unsettled> = []
        for other in unsettled {
            if other.id == packet.id {
                conversations[slot].unsettledByteCount -= other.byteCount
            } else if other.firstID == packet.firstID, other.role != .answer {
                kept.append(
                    Conversation.Unsettled(
                        id: other.id, byteCount: other.byteCount, token: 0, firstID: 0,
                        isLast: false, role: .answer))
            } else {
                kept.append(other)
            }
        }
        conversations[slot].unsettled = kept
        if packet.firstID != 0, let front = conversations[slot].queue.first,
            front.firstID == packet.firstID
        {
            conversations[slot].queue.removeFirst()
        }
        switch packet.role {
        case .message:
            finish(
                packet.token, .failed(outcome.code, possiblyDelivered: isPossible), &effects)
        case .request:
            guard requests.removeValue(forKey: packet.firstID) != nil else { return }
            finish(
                packet.token, .failed(outcome.code, possiblyDelivered: isPossible), &effects)
        case .answer: break
        case .stream(let key) where streams[key] == nil: part(key, outcome, at: now)
        case .stream(let key): streamFailed(key, outcome.code, at: now, &effects)
        case .parting(let key): part(key, outcome, at: now)
        }
    }

    mutating func finish(
        _ token: UInt64, _ completion: Completion, _ effects: inout [Effect]
    ) {
        guard token != 0 else { return }
        effects.append(.finish(token: token, completion))
    }

    /// Ends a broadcast request when every node has answered or failed.
    mutating func finishBroadcast(_ id: UInt64, _ effects: inout [Effect]) {
        guard let request = requests[id], request.isSpread,
            request.spread.reached.allSatisfy({ request.answered.contains($0) })
        else { return }
        requests[id] = nil
        finish(
            request.token,
            .broadcast(reached: request.spread.reached, failed: request.spread.failed), &effects)
    }

    /// Ends the requests whose deadline has passed.
    mutating func expireRequests(at now: Instant, _ effects: inout [Effect]) {
        guard let due = requestWake, due <= now else { return }
        requestWake = nil
        for (id, request) in requests.sorted(by: { $0.key < $1.key }) {
            guard request.deadline <= now else {
                requestWake = requestWake.map { min($0, request.deadline) } ?? request.deadline
                continue
            }
            requests[id] = nil
            // Without the last word on who was to have it, a broadcast's account is not complete.
            guard request.destination.node.isBroadcast, request.isSpread else {
                finish(request.token, .failed(.deadlinePassed, possiblyDelivered: true), &effects)
                continue
            }
            var failed = request.spread.failed
            for node in request.spread.reached where !request.answered.contains(node) {
                failed[node] = .deadlinePassed
            }
            finish(
                request.token, .broadcast(reached: request.answered, failed: failed), &effects)
        }
    }
}
