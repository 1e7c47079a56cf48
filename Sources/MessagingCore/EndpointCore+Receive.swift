// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Vocabulary

/// A message of which not all packets have come.
struct Assembly: Equatable, Sendable {
    var firstID: UInt64 = 0
    var total = 0
    var bytes: [UInt8] = []
    /// Why its packets are refused; nil while it is being put together.
    var refusal: OutcomeCode?
    var isActive = false
    var lastUse = Instant(nanoseconds: 0)
}

extension EndpointCore {
    /// A message of which no packet has come for so long will not become whole.
    private static let assemblyMilliseconds: UInt64 = 120_000
    /// Room is made for so many packets like a message's first one.
    private static let roomFactor = 16

    /// Takes a datagram.
    mutating func receive(_ bytes: ArraySlice<UInt8>, at now: Instant, _ effects: inout [Effect]) {
        let frame: Frame
        do throws(WireError) {
            frame = try Frame.decode(bytes)
        } catch {
            effects.append(.note(.malformed(error)))
            return
        }
        let sender = frame.header.sender
        guard sender.service != own.service || sender.instance != own.instance else { return }
        let hop = localHop(sender.service, sender.instance)
        let at = peer(hop, at: now)
        let before = peers[at].link.peer.instance
        let received = peers[at].link.receive(frame, at: now)
        if let refusal = received.refusal { effects.append(.note(.refused(hop, refusal))) }
        if hop == .proxy, peers[at].link.state == .up { learnNode(sender.node, at: now, &effects) }
        if peers[at].link.peer.instance != before, before.rawValue != 0 {
            abandonStreams(hop, at: now, &effects)
        }
        settle(received.failures, at: now, &effects)
        takePackets(received, at, now, &effects)
        for outcome in received.outcomes {
            let isPart = outcome.isOfOneNode
            guard let settled = peers[at].link.settle(outcome, isPart: isPart) else { continue }
            settle([settled], isRemote: true, at: now, &effects)
        }
    }

    /// The proxy knows this node's number.
    private mutating func learnNode(
        _ node: PNN, at now: Instant, _ effects: inout [Effect]
    ) {
        guard own.node == .current, node.isNode else { return }
        own = Address(node: node, service: own.service, instance: own.instance)
        for at in peers.indices where peers[at].hop == .proxy { peers[at].link.rename(own) }
        let given = early
        early = []
        earlySince = nil
        for queued in given { enqueue(queued, at: now) }
    }

    private mutating func takePackets(
        _ received: Link.Received, _ at: Int, _ now: Instant, _ effects: inout [Effect]
    ) {
        var rest = received.packets
        while true {
            let packet: Packet?
            do throws(WireError) {
                packet = try Packet.takeFirst(from: &rest)
            } catch {
                effects.append(.note(.malformed(error)))
                guard let refused = Packet.takeUnreadable(from: &rest) else { return }
                refuse(refused.header, refused.code, received.resent, at, now)
                continue
            }
            guard let packet else { return }
            take(packet, resent: received.resent, at, now, &effects)
        }
    }

    /// A packet that can't be read, but for its header, is told of to whoever sent it.
    ///
    /// It is not remembered: nothing in such a header is to be relied on.
    private mutating func refuse(
        _ header: PacketHeader, _ code: OutcomeCode, _ resent: Bool, _ at: Int, _ now: Instant
    ) {
        guard isForUs(header.destination), isFrom(header.source, at) else { return }
        peers[at].link.tell(
            FlowKey(header).outcome(
                code, id: header.packetID, by: own.node, possiblyDelivered: resent),
            promptly: true, at: now)
    }

    private mutating func take(
        _ packet: Packet, resent: Bool, _ at: Int, _ now: Instant, _ effects: inout [Effect]
    ) {
        let key = FlowKey(packet)
        let id = packet.header.packetID
        let destination = packet.header.destination
        guard isForUs(destination), isFrom(packet.header.source, at) else {
            effects.append(.note(.misdelivered(destination)))
            // The life that was meant may have taken it.
            let isFormer =
                destination.service == own.service && destination.instance != own.instance
            tell(
                key.outcome(
                    isFormer ? .serviceGone : .notPermitted, id: id, by: own.node,
                    possiblyDelivered: resent), at, now)
            return
        }
        switch intake.consider(id, of: key, resent: resent, reporter: own.node, at: now) {
        case .duplicate(let outcomes):
            for outcome in outcomes {
                peers[at].link.tell(outcome, promptly: true, at: now)
            }
        case .undecidable:
            tell(
                key.outcome(.serviceGone, id: id, by: own.node, possiblyDelivered: true), at, now)
        case .take:
            if let refusal = accept(packet, key, at: now, &effects) {
                tell(key.outcome(refusal, id: id, by: own.node), at, now)
            } else {
                let isPrompt = packet.header.flags & PeerProtocol.packetPrompt != 0
                tell(key.outcome(.consumed, id: id, by: own.node), at, now, promptly: isPrompt)
            }
        }
    }

    private mutating func tell(
        _ outcome: Outcome, _ at: Int, _ now: Instant, promptly: Bool = true
    ) {
        intake.settle(outcome, at: now)
        peers[at].link.tell(outcome, promptly: promptly, at: now)
    }

    private func isForUs(_ destination: Address) -> Bool {
        let isHere =
            destination.node == own.node || destination.node == .current
            || destination.node.isBroadcast
        return isHere && destination.service == own.service
            && (destination.instance == own.instance || destination.instance.rawValue == 0)
    }

    /// A local process speaks for itself only; the proxy speaks for other nodes.
    private func isFrom(_ source: Address, _ at: Int) -> Bool {
        switch peers[at].hop {
        case .proxy: return true
        case .local:
            return source.service == peers[at].link.peer.service
                && source.instance == peers[at].link.peer.instance
        }
    }

    /// Puts a message together; gives it to the program when it is whole.
    ///
    /// - Returns: why the packet is refused; nil when it was taken.
    private mutating func accept(
        _ packet: Packet, _ key: FlowKey, at now: Instant, _ effects: inout [Effect]
    ) -> OutcomeCode? {
        do throws(WireError) {
            try packet.verify()
        } catch {
            effects.append(.note(.malformed(error)))
            return .corrupt
        }
        let header = packet.header
        if header.fragmentOffset == 0, header.payloadLength == header.messageLength {
            if assemblies.count > 0, let slot = assemblies.slot(of: key) { forget(slot) }
            return deliver(packet, header.packetID, packet.payload, at: now, &effects)
        }
        return assemble(packet, key, at: now, &effects)
    }

    private mutating func assemble(
        _ packet: Packet, _ key: FlowKey, at now: Instant, _ effects: inout [Effect]
    ) -> OutcomeCode? {
        let header = packet.header
        let slot = assemblies.slot(of: key) ?? assemblies.insert(key, Assembly())
        if header.fragmentOffset == 0 {
            drop(slot)
            assemblies[slot] = Assembly(
                firstID: header.packetID, total: Int(header.messageLength), isActive: true)
            if Int(header.messageLength) > settings.messageLimit {
                assemblies[slot].refusal = .tooLarge
            } else if assembledByteCount + Int(header.messageLength) > settings.assemblyBudget {
                assemblies[slot].refusal = .noMemory
            } else {
                assembledByteCount += Int(header.messageLength)
                // A long message is copied few times as it grows; a length alone gets no room.
                let room = Int(header.payloadLength) * Self.roomFactor
                assemblies[slot].bytes.reserveCapacity(min(Int(header.messageLength), room))
            }
        }
        assemblies[slot].lastUse = now
        if let refusal = assemblies[slot].refusal { return refusal }
        guard assemblies[slot].isActive, assemblies[slot].total == Int(header.messageLength),
            assemblies[slot].bytes.count == Int(header.fragmentOffset)
        else {
            // A packet in front of this one was refused: the message can't become whole.
            drop(slot)
            assemblies[slot].refusal = .queueFull
            return .queueFull
        }
        assemblies[slot].bytes.append(contentsOf: packet.payload)
        guard assemblies[slot].bytes.count == assemblies[slot].total else { return nil }
        let whole = assemblies[slot].bytes[...]
        let firstID = assemblies[slot].firstID
        forget(slot)
        return deliver(packet, firstID, whole, at: now, &effects)
    }

    private mutating func drop(_ slot: Int) {
        if assemblies[slot].isActive, assemblies[slot].refusal == nil {
            assembledByteCount -= assemblies[slot].total
        }
        assemblies[slot] = Assembly()
    }

    private mutating func forget(_ slot: Int) {
        drop(slot)
        assemblies.remove(slot: slot, blank: Assembly())
    }

    /// Forgets messages whose senders have gone in the middle.
    mutating func sweepAssemblies(at now: Instant) {
        for slot in assemblies.slots
        where assemblies[slot].lastUse.advanced(byMilliseconds: Self.assemblyMilliseconds) <= now {
            forget(slot)
        }
    }

    /// Gives a whole message to whom it is for.
    private mutating func deliver(
        _ packet: Packet, _ id: UInt64, _ payload: ArraySlice<UInt8>, at now: Instant,
        _ effects: inout [Effect]
    ) -> OutcomeCode? {
        let header = packet.header
        let lane: Lane = packet.isUrgent ? .urgent : .normal
        switch header.kind {
        case .message, .request:
            let handle =
                header.kind == .request
                ? RequestHandle(requester: header.source, id: id, lane: lane) : nil
            effects.append(
                .receive(
                    Inbound(
                        source: header.source, id: id, lane: lane, procedure: header.procedure,
                        payload: payload, handle: handle)))
        case .reply, .refusal:
            answered(header, payload, &effects)
        case .streamOpen, .streamData, .streamCredit, .streamEnd:
            return receiveStream(header, id, payload, lane, at: now, &effects)
        case .unknown:
            return .tooOld
        }
        return nil
    }

    private mutating func answered(
        _ header: PacketHeader, _ payload: ArraySlice<UInt8>, _ effects: inout [Effect]
    ) {
        let reply = Reply(
            source: header.source, isRefusal: header.kind == .refusal, payload: payload)
        let node = header.source.node == .current ? own.node : header.source.node
        guard let request = requests[header.replyTo],
            isAnswerer(header.source, of: request.destination), !request.answered.contains(node)
        else {
            effects.append(.note(.unexpected(header.source, replyTo: header.replyTo)))
            return
        }
        guard request.destination.node.isBroadcast else {
            requests[header.replyTo] = nil
            finish(request.token, .answered(reply), &effects)
            return
        }
        requests[header.replyTo]?.answered.append(node)
        // Whatever was told of the node: who answers has taken it.
        requests[header.replyTo]?.spread.reach(node)
        effects.append(.reply(token: request.token, reply))
        finishBroadcast(header.replyTo, &effects)
    }

    private func isAnswerer(_ source: Address, of destination: Address) -> Bool {
        let isSameNode =
            source.node == destination.node || destination.node.isBroadcast
            || (source.node == .current && destination.node == own.node)
            || (destination.node == .current && source.node == own.node)
        return isSameNode && source.service == destination.service
            && (destination.instance.rawValue == 0 || destination.instance == source.instance)
    }
}
