// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerWire
import Vocabulary

extension ProxyCore {
    // MARK: Frames

    /// Takes a datagram from a local process.
    mutating func receiveLocal(
        _ bytes: ArraySlice<UInt8>, pid: Int32, at now: Instant, _ effects: inout [Effect]
    ) {
        // Before this node has a number there is no address to speak from; the process asks again.
        guard own.node != .unknown else { return }
        let frame: Frame
        do throws(WireError) {
            frame = try Frame.decode(bytes)
        } catch {
            counters.malformed += 1
            effects.append(.note(.malformed("datagram of process \(pid): \(error)")))
            return
        }
        let sender = frame.header.sender
        let isOwnPID = Int64(sender.instance.rawValue >> 32) == Int64(pid)
        let isItself = sender.service != .client || isOwnPID || pid == 0
        guard sender.service != .proxy, sender.service.rawValue != 0, isItself,
            sender.node == own.node || sender.node == .current
        else {
            counters.forged += 1
            effects.append(.note(.forged("datagram of process \(pid) as \(sender)")))
            return
        }
        counters.framesFromLocal += 1
        let at = localHop(LocalName(sender), at: now)
        hops[at].lastUse = now
        receive(frame, over: at, at: now, &effects)
        if frame.has(PeerProtocol.frameBye) {
            settle(
                hops[at].link.pathRefused(canReturn: false, at: now), from: at, promptly: true,
                at: now)
        }
    }

    /// Takes a frame that came over a hop.
    mutating func receive(
        _ frame: Frame, over at: Int, at now: Instant, _ effects: inout [Effect]
    ) {
        let before = hops[at].link.state
        let received = hops[at].link.receive(frame, at: now)
        noteMeeting(frame, at, before, &effects)
        touch(at)
        if let refusal = received.refusal {
            counters.refusedFrames += 1
            if case .node(let pnn) = hops[at].route, refusal != .duplicate {
                effects.append(.note(.nodeFrameRefused(pnn, refusal)))
            }
        }
        if !received.failures.isEmpty {
            settle(received.failures, from: at, promptly: true, at: now)
        }
        var rest = received.packets
        while true {
            do throws(WireError) {
                guard let packet = try Packet.takeFirst(from: &rest) else { break }
                take(packet, resent: received.resent, from: at, at: now, &effects)
            } catch {
                counters.malformed += 1
                effects.append(.note(.malformed("packet over \(hops[at].route): \(error)")))
                guard let refused = Packet.takeUnreadable(from: &rest) else { break }
                refuse(refused.header, refused.code, received.resent, over: at, at: now)
            }
        }
        for outcome in received.outcomes {
            guard let settled = hops[at].link.settle(outcome) else { continue }
            settle([settled], from: at, promptly: received.packets.isEmpty, at: now)
        }
    }

    /// Says whom a greeting has brought, and what is spoken with it.
    private func noteMeeting(
        _ frame: Frame, _ at: Int, _ before: Link.State, _ effects: inout [Effect]
    ) {
        guard case .node(let pnn) = hops[at].route, case .hello(let hello) = frame.body else {
            return
        }
        let link = hops[at].link
        guard link.state != before, link.state == .up || link.state == .tooOld else { return }
        effects.append(
            .note(
                .met(
                    pnn, hello, speaking: link.commonVersion,
                    newest: link.settings.versionMaximum)))
    }

    // MARK: Packets

    private mutating func take(
        _ packet: Packet, resent: Bool, from at: Int, at now: Instant, _ effects: inout [Effect]
    ) {
        let key = FlowKey(packet)
        let id = packet.header.packetID
        guard speaksForItself(packet.header.source, over: at) else {
            counters.forged += 1
            effects.append(
                .note(.forged("packet from \(packet.header.source) over \(hops[at].route)")))
            tell(key.outcome(.notPermitted, id: id, by: own.node), over: at, at: now)
            return
        }
        switch intake.consider(id, of: key, resent: resent, reporter: own.node, at: now) {
        case .duplicate(let outcomes):
            counters.duplicates += 1
            for outcome in outcomes { tell(outcome, over: at, at: now) }
        case .undecidable:
            fail(key, id, .serviceGone, resent, at: now)
        case .take:
            forward(packet, key, resent, from: at, at: now)
        }
    }

    /// A packet that can't be read, but for its header, is told of to whoever sent it.
    ///
    /// It is not remembered: nothing in such a header is to be relied on.
    private mutating func refuse(
        _ header: PacketHeader, _ code: OutcomeCode, _ resent: Bool, over at: Int, at now: Instant
    ) {
        guard speaksForItself(header.source, over: at) else {
            counters.forged += 1
            return
        }
        counters.undeliverable += 1
        let key = FlowKey(header)
        tell(
            key.outcome(
                code, id: header.packetID, by: reporter(of: key), possiblyDelivered: resent),
            over: at, at: now)
    }

    /// Who reports a packet that goes nowhere: of a broadcast the group, for no node gets it.
    private func reporter(of key: FlowKey) -> PNN {
        let isOwn = key.source.node == own.node || key.source.node == .current
        return isOwn && key.destination.node.isBroadcast ? key.destination.node : own.node
    }

    /// A node speaks for its processes, a process for itself.
    private func speaksForItself(_ source: Address, over at: Int) -> Bool {
        switch hops[at].route {
        case .node(let pnn): return source.node == pnn
        case .local(let name):
            return (source.node == own.node || source.node == .current)
                && source.service == name.service
                && source.instance == hops[at].link.peer.instance
        }
    }

    private mutating func forward(
        _ packet: Packet, _ key: FlowKey, _ resent: Bool, from at: Int, at now: Instant
    ) {
        let destination = packet.header.destination
        if drainUntil != nil, packet.header.beginsWork, destination.service != .proxy {
            counters.undeliverable += 1
            let outcome = key.outcome(
                .shuttingDown, id: packet.header.packetID, by: reporter(of: key),
                possiblyDelivered: resent)
            intake.settle(outcome, at: now)
            tell(outcome, over: at, at: now)
            return
        }
        if case .node = hops[at].route {
            counters.packetsFromNodes += 1
            guard destination.node == own.node || destination.node.isBroadcast else {
                fail(key, packet.header.packetID, .noSuchNode, resent, at: now)
                return
            }
            deliver(packet, key, resent, at: now)
            return
        }
        counters.packetsFromLocal += 1
        if destination.node == own.node || destination.node == .current {
            deliver(packet, key, resent, at: now)
        } else if destination.node.isBroadcast {
            spread(packet, key, resent, at: now)
        } else {
            let id = packet.header.packetID
            if let refusal = hold(packet, key, resent, for: destination.node, at: now) {
                fail(key, id, refusal, resent, at: now)
            }
        }
    }

    /// Gives a packet to the hop of another node.
    ///
    /// - Returns: why it was not taken; nil when it was.
    private mutating func hold(
        _ packet: Packet, _ key: FlowKey, _ resent: Bool, for node: PNN, at now: Instant
    ) -> OutcomeCode? {
        guard let flags = nodes[node], let to = hopIndex[.node(node)] else { return .noSuchNode }
        guard flags.isConnected, !hasGivenUpLegacy else { return .nodeGone }
        return hold(packet, key, resent, to, at: now)
    }

    private mutating func hold(
        _ packet: Packet, _ key: FlowKey, _ resent: Bool, _ to: Int, at now: Instant
    ) -> OutcomeCode? {
        let milliseconds = UInt64(packet.header.deadlineMilliseconds)
        let deadline = milliseconds == 0 ? nil : now.advanced(byMilliseconds: milliseconds)
        touch(to)
        return hops[to].link.hold(
            packet.bytes, id: packet.header.packetID, of: key, resent: resent, deadline: deadline)
    }

    /// Gives a packet to a process of this node, or to the proxy itself.
    private mutating func deliver(
        _ packet: Packet, _ key: FlowKey, _ resent: Bool, at now: Instant
    ) {
        let destination = packet.header.destination
        let id = packet.header.packetID
        guard destination.service != .proxy else {
            let isMeant =
                destination.instance.rawValue == 0 || destination.instance == own.instance
            let refusal = isMeant ? serve(packet, at: now) : .serviceGone
            if let refusal {
                fail(key, id, refusal, resent, at: now)
            } else {
                settle([key.outcome(.consumed, id: id, by: own.node)], from: nil, at: now)
            }
            return
        }
        let to = localHop(LocalName(destination), at: now)
        hops[to].lastUse = now
        let peer = hops[to].link.peer.instance
        let isAnother =
            destination.instance.rawValue != 0 && peer.rawValue != 0
            && destination.instance != peer
        if isAnother {
            fail(key, id, .serviceGone, resent, at: now)
            return
        }
        if hops[to].link.state == .absent {
            // The process may be back: the socket tells at once.
            hops[to].link.resume(at: now)
        }
        if let refusal = hold(packet, key, resent, to, at: now) {
            fail(key, id, refusal, resent, at: now)
        }
    }

    /// Gives a packet to every node of a group.
    private mutating func spread(
        _ packet: Packet, _ key: FlowKey, _ resent: Bool, at now: Instant
    ) {
        let id = packet.header.packetID
        let group = packet.header.destination.node
        let members = nodes.filter { _, flags in
            switch group {
            case .broadcastActive: !flags.isInactive
            case .broadcastConnected: flags.isConnected
            default: flags.isDisjoint(with: .deleted)
            }
        }.keys.sorted()
        fanout.begin(id, of: key, to: members)
        for node in members {
            if node == own.node {
                deliver(packet, key, resent, at: now)
            } else if let refusal = hold(packet, key, resent, for: node, at: now) {
                let failure = key.outcome(
                    refusal, id: id, by: node, possiblyDelivered: resent)
                settleBroadcast(failure, from: node, promptly: true, at: now)
            }
        }
        for outcome in fanout.finish(key, own: own.node) {
            intake.settle(outcome, at: now)
            tellSource(outcome, promptly: true, at: now)
        }
    }

    // MARK: Outcomes

    /// A packet that came over a hop is not handed on; an earlier life may have done so.
    private mutating func fail(
        _ key: FlowKey, _ id: UInt64, _ code: OutcomeCode, _ resent: Bool, at now: Instant
    ) {
        let outcome = key.outcome(code, id: id, by: own.node, possiblyDelivered: resent)
        settle([outcome], from: nil, promptly: true, at: now)
    }

    /// Passes outcomes on to the sources of their packets.
    ///
    /// - Parameters:
    ///   - outcomes: what became of the packets.
    ///   - at: the hop that was to carry the packets on; nil when this proxy decided.
    ///   - promptly: whether the sources should hear of it without delay.
    ///   - now: the time.
    mutating func settle(
        _ outcomes: [Outcome], from at: Int?, promptly: Bool = false, at now: Instant
    ) {
        for outcome in outcomes {
            if outcome.code != .consumed, outcome.reporter == own.node {
                counters.undeliverable += 1
            }
            if outcome.destination.node.isBroadcast, outcome.source.node == own.node {
                var node = own.node
                if let at, case .node(let pnn) = hops[at].route { node = pnn }
                settleBroadcast(outcome, from: node, promptly: promptly, at: now)
            } else {
                intake.settle(outcome, at: now)
                tellSource(outcome, promptly: promptly, at: now)
            }
        }
    }

    private mutating func settleBroadcast(
        _ outcome: Outcome, from node: PNN, promptly: Bool, at now: Instant
    ) {
        for told in fanout.settle(outcome, from: node, own: own.node) {
            if told.code == .consumed { intake.settle(told, at: now) }
            tellSource(told, promptly: promptly || told.code == .reached, at: now)
        }
    }

    private mutating func tellSource(_ outcome: Outcome, promptly: Bool, at now: Instant) {
        let source = outcome.source
        let route: Route
        if source.node == own.node || source.node == .current {
            guard source.service != .proxy else { return }
            route = .local(LocalName(source))
        } else {
            route = .node(source.node)
        }
        // A source that is gone needs no outcome.
        guard let at = hopIndex[route] else { return }
        touch(at)
        hops[at].link.tell(outcome, promptly: promptly, at: now)
    }

    private mutating func tell(_ outcome: Outcome, over at: Int, at now: Instant) {
        touch(at)
        hops[at].link.tell(outcome, promptly: true, at: now)
    }
}
