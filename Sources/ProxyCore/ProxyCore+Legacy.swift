// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import MessagingCore
import PeerWire
import Vocabulary

extension ProxyCore {
    // MARK: ctdbd

    /// Takes a packet from ctdbd.
    mutating func receiveLegacy(
        _ bytes: ArraySlice<UInt8>, at now: Instant, _ effects: inout [Effect]
    ) {
        do throws(WireError) {
            let packet = try LegacyPacket.decode(bytes, layout: .native)
            switch packet.body {
            case .requestMessage(let message):
                if message.srvid == .tunnelNewProtocol {
                    receiveFrame(message.data, at: now, &effects)
                } else {
                    follow(attachment.alarm(), at: now, &effects)
                }
            case .replyControl(let reply):
                let steps = try attachment.answered(
                    reply, reqid: packet.reqid, settings, at: now)
                follow(steps, at: now, &effects)
            default: break
            }
        } catch {
            counters.malformed += 1
            effects.append(.note(.malformed("ctdbd: \(error)")))
        }
    }

    /// Does what the attachment asks for.
    mutating func follow(
        _ steps: [Attachment.Step], at now: Instant, _ effects: inout [Effect]
    ) {
        for step in steps {
            switch step {
            case .connect: effects.append(.connectLegacy)
            case .disconnect:
                effects.append(.disconnectLegacy)
                suspendNodes(at: now)
            case .send(let packet): effects.append(.sendLegacy([packet[...]]))
            case .attached(let pnn): attached(as: pnn, at: now, &effects)
            case .refused(let opcode, let reason):
                effects.append(.note(.refusedByLegacy(control: "\(opcode)", reason: reason)))
            case .silent: effects.append(.note(.legacySilent))
            case .nodes(let map): updateNodes(map, at: now, &effects)
            case .map(let map):
                guard map.generation != generation else { continue }
                generation = map.generation
                effects.append(.note(.generation(generation)))
            case .mode(let mode):
                guard mode != recoveryMode else { continue }
                recoveryMode = mode
                effects.append(.note(.recoveryMode(mode)))
            }
        }
    }

    private mutating func attached(
        as pnn: PNN, at now: Instant, _ effects: inout [Effect]
    ) {
        guard own.node == .unknown || own.node == pnn else {
            effects.append(
                .fatal("ctdbd says that this is node \(pnn), but it was node \(own.node) before"))
            return
        }
        let isFirst = own.node == .unknown
        own = Address(node: pnn, service: .proxy, instance: own.instance)
        counters.attachments += 1
        detachedSince = nil
        hasGivenUpLegacy = false
        effects.append(.note(.attached(pnn)))
        if isFirst { effects.append(.ready(pnn)) }
        // Whoever has greeted here before hears this, and tells us.
        greeting = random.nextNonce()
        greetOwnNode(echo: 0, &effects)
        // The node map of the first survey came before the number was known.
        resumeNodes(at: now, &effects)
    }

    mutating func lostLegacy(
        _ reason: String, at now: Instant, _ effects: inout [Effect]
    ) {
        attachment.lost(settings, at: now)
        effects.append(.note(.waitingForLegacy(reason: reason)))
        suspendNodes(at: now)
    }

    private mutating func suspendNodes(at now: Instant) {
        if detachedSince == nil { detachedSince = now }
        greeting = 0
        isSeated = false
        for at in hops.indices {
            guard case .node = hops[at].route else { continue }
            hops[at].link.suspend()
            touch(at)
        }
    }

    /// Without ctdbd nothing waits for ever.
    mutating func checkDetached(at now: Instant, _ effects: inout [Effect]) {
        guard let since = detachedSince, !hasGivenUpLegacy,
            since.advanced(byMilliseconds: settings.detachedMilliseconds) <= now
        else { return }
        hasGivenUpLegacy = true
        for at in hops.indices {
            guard case .node = hops[at].route else { continue }
            settle(hops[at].link.failAll(.nodeGone), from: at, promptly: true, at: now)
        }
    }

    // MARK: Nodes

    private mutating func updateNodes(
        _ map: NodeMap, at now: Instant, _ effects: inout [Effect]
    ) {
        let before = nodes
        nodes = [:]
        for node in map.nodes { nodes[node.pnn] = node.flags }
        guard isAttached || own.node != .unknown else { return }
        if nodes != before || detachedSince == nil { resumeNodes(at: now, &effects) }
    }

    /// Brings every node's hop in line with the node map.
    private mutating func resumeNodes(at now: Instant, _ effects: inout [Effect]) {
        guard isAttached else { return }
        for (pnn, flags) in nodes.sorted(by: { $0.key < $1.key }) where pnn != own.node {
            let at =
                hopIndex[.node(pnn)]
                ?? addHop(
                    .node(pnn),
                    peer: Address(node: pnn, service: .proxy, instance: Instance(rawValue: 0)),
                    settings.nodeLinks, at: now)
            let isSuspended = hops[at].link.state == .suspended
            if flags != hops[at].flags { note(pnn, flags, &effects) }
            hops[at].flags = flags
            if flags.isConnected {
                guard isSuspended else { continue }
                hops[at].link.resume(at: now)
            } else {
                if !isSuspended { hops[at].link.suspend() }
                settle(hops[at].link.failAll(.nodeGone), from: at, promptly: true, at: now)
            }
            touch(at)
        }
        for at in hops.indices {
            guard case .node(let pnn) = hops[at].route, nodes[pnn] == nil else { continue }
            hops[at].link.suspend()
            settle(hops[at].link.failAll(.noSuchNode), from: at, promptly: true, at: now)
            touch(at)
        }
    }

    private func note(_ pnn: PNN, _ flags: NodeFlags, _ effects: inout [Effect]) {
        let state =
            !flags.isConnected
            ? "disconnected" : flags.isInactive ? "connected, inactive" : "connected, active"
        effects.append(.note(.nodeState(pnn, state)))
    }

    // MARK: Frames from nodes

    /// Greets every proxy that is registered at this node's ctdbd, this one too; with an echo it is
    /// an answer.
    private mutating func greetOwnNode(echo: UInt64, _ effects: inout [Effect]) {
        let hello = Hello(
            versionMinimum: settings.nodeLinks.versionMinimum,
            versionMaximum: settings.nodeLinks.versionMaximum,
            features: settings.nodeLinks.features, nonce: greeting, echo: echo,
            frameLimit: PeerProtocol.frameLimit, software: settings.nodeLinks.software)
        let header = FrameHeader(
            magic: 0, checksum: 0, protocolVersion: settings.nodeLinks.versionMinimum,
            flags: PeerProtocol.frameHello | (echo == 0 ? PeerProtocol.frameProbe : 0),
            sender: own,
            receiver: Address(
                node: own.node, service: .proxy, instance: Instance(rawValue: 0)),
            epoch: 0, acknowledgedEpoch: 0, sequence: 0, acknowledged: 0, packetBytes: 0,
            outcomeCount: 0)
        let front = Frame.encodeFront(
            header: header, body: .hello(hello), packetByteCount: 0, room: 128)
        sendLegacy([front[...]], to: own.node, &effects)
    }

    /// A proxy of this very node speaks: another one, or this one to itself.
    ///
    /// ctdbd hands each message to everyone who is registered for it, the sender too, and all hear
    /// them in one order. So of several greetings one is the first for everybody: its sender has
    /// heard it when the others come, answers them, and stays.
    private mutating func meet(
        _ hello: Hello, from other: Address, _ effects: inout [Effect]
    ) {
        guard other.instance != own.instance else {
            if hello.echo == 0, hello.nonce == greeting, greeting != 0 { isSeated = true }
            return
        }
        effects.append(.note(.otherProxy(other.instance)))
        if hello.echo == 0 {
            if isSeated { greetOwnNode(echo: hello.nonce, &effects) }
        } else if hello.echo == greeting {
            effects.append(.fatal("another proxy is attached to the ctdbd of this node"))
        }
    }

    private mutating func receiveFrame(
        _ data: ArraySlice<UInt8>, at now: Instant, _ effects: inout [Effect]
    ) {
        guard own.node != .unknown else { return }
        let frame: Frame
        do throws(WireError) {
            frame = try Frame.decode(data)
        } catch {
            counters.malformed += 1
            effects.append(.note(.malformed("message to the tunnel: \(error)")))
            return
        }
        let sender = frame.header.sender
        guard sender.service == .proxy, frame.header.receiver.service == .proxy,
            frame.header.receiver.node == own.node
        else {
            counters.forged += 1
            effects.append(.note(.forged("frame from \(sender) for \(frame.header.receiver)")))
            return
        }
        guard sender.node != own.node else {
            if case .hello(let hello) = frame.body { meet(hello, from: sender, &effects) }
            return
        }
        guard let at = hopIndex[.node(sender.node)] else {
            counters.forged += 1
            effects.append(.note(.forged("frame from node \(sender.node), which is not known")))
            return
        }
        counters.framesFromNodes += 1
        receive(frame, over: at, at: now, &effects)
        if hops[at].flags.isConnected == false, hops[at].link.state == .suspended {
            // ctdbd carries messages of a node that our map calls disconnected: ask again.
            follow(attachment.alarm(), at: now, &effects)
        }
    }
}
