// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import ProxyCore
import Vocabulary

/// What runs the cores: sockets, timers, and a program behind each endpoint.
extension World {
    /// The datagrams that a socket holds before a sender has to wait.
    private static let socketQueue = 10

    // MARK: Cores

    func handleProxy(_ at: Int, _ input: Process.Input) {
        switch input {
        case .datagram(let bytes, let pid):
            feed(at, ProxyCore.Event.datagram(bytes[...], pid: pid))
        case .proxy(let event): feed(at, event)
        case .wake: feed(at, ProxyCore.Event.wake)
        case .endpoint: break
        }
    }

    func handleEndpoint(_ at: Int, _ input: Process.Input) {
        switch input {
        case .datagram(let bytes, _): feed(at, EndpointCore.Event.frame(bytes[...]))
        case .endpoint(let event):
            if case .stream(let command) = event { ends(at, command) }
            feed(at, event)
        case .wake: feed(at, EndpointCore.Event.wake)
        case .proxy: break
        }
    }

    func feed(_ at: Int, _ event: ProxyCore.Event) {
        guard let effects = processes[at].proxy?.handle(event, at: now) else { return }
        for effect in effects {
            switch effect {
            case .connectLegacy:
                later(.connect(process: at, life: processes[at].life), microseconds: 50)
            case .disconnectLegacy: disconnect(at)
            case .sendLegacy(let pieces): sendToDaemon(at, Array(pieces.joined()))
            case .sendLocal(let name, let frame):
                let target = processes.firstIndex {
                    $0.node == processes[at].node && $0.isAlive && $0.service == name.service
                        && (!$0.isClient || $0.life << 32 | 1 == name.instance.rawValue)
                }
                send(frame, from: at, to: target) {
                    self.post(.proxy(.refused(name)), to: at)
                }
            case .wake(let instant): wish(at, instant)
            case .record: break
            case .ready(let pnn):
                if Int(pnn.rawValue) != processes[at].node { violate("wrong node \(pnn)") }
            case .drained: kill(at)
            case .fatal(let reason):
                guard options.rivalNodes.contains(processes[at].node) else {
                    violate("\(name(at)) gives up: \(reason)")
                    break
                }
                note("\(name(at)) gives up: \(reason)")
                kill(at)
                return
            case .note(let it):
                note("\(name(at)) \(it)")
                if case .malformed(let text) = it { violate("\(name(at)) malformed: \(text)") }
                if case .forged(let text) = it, options.sabotage == nil {
                    violate("\(name(at)) forged: \(text)")
                }
            }
        }
    }

    func feed(_ at: Int, _ event: EndpointCore.Event) {
        guard let effects = processes[at].endpoint?.handle(event, at: now) else { return }
        for effect in effects {
            switch effect {
            case .transmit(let hop, let frame):
                send(frame, from: at, to: target(of: hop, at)) {
                    self.post(.endpoint(.refused(hop)), to: at)
                }
            case .receive(let inbound): receive(at, inbound)
            case .reply(let token, let reply):
                ledger.replied(token, reply.source.node, processes[at].life).map(violate)
            case .finish(let token, let completion):
                note("\(name(at)) finishes \(token): \(completion)")
                ledger.finished(token, completion, at: self).map(violate)
            case .stream(let event): happened(at, event)
            case .wake(let instant): wish(at, instant)
            case .note(let it): note("\(name(at)) \(it)")
            }
        }
    }

    private func target(of hop: Hop, _ at: Int) -> Int? {
        processes.firstIndex {
            guard $0.node == processes[at].node, $0.isAlive else { return false }
            switch hop {
            case .proxy: return $0.service == .proxy
            case .local(let service, let instance):
                return $0.service == service
                    && (!$0.isClient || $0.life << 32 | 1 == instance.rawValue)
            }
        }
    }

    // MARK: Sockets

    private func send(
        _ frame: Link.Outgoing, from at: Int, to target: Int?, refused: () -> Void
    ) {
        frameCount += 1
        guard let target else { return refused() }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frame.pieces.reduce(0) { $0 + $1.count })
        for piece in frame.pieces { bytes.append(contentsOf: piece) }
        if options.sabotage != nil { sabotage(&bytes, to: target) }
        note("\(name(at)) to \(name(target)): \(Self.describe(bytes[...]))")
        let isFull =
            processes[target].datagramCount >= Self.socketQueue
            || processes[at].pending.contains { $0.to == target }
        if !isFull {
            processes[target].datagramCount += 1
            post(.datagram(bytes, pid: processes[at].pid), to: target)
        } else if !frame.isDispensable {
            processes[at].pending.append(Process.Pending(to: target, bytes: bytes))
        }
    }

    /// A frame in a few words.
    static func describe(_ bytes: ArraySlice<UInt8>) -> String {
        guard let frame = try? Frame.decode(bytes) else { return "\(bytes.count) bytes" }
        let header = frame.header
        let place = "flags \(header.flags) epoch \(header.epoch) sequence \(header.sequence)"
        let heard = "heard \(header.acknowledgedEpoch)/\(header.acknowledged)"
        switch frame.body {
        case .hello(let hello):
            return "hello, \(place) nonce \(hello.nonce % 1_000) echo \(hello.echo % 1_000)"
        case .outcomes(let outcomes):
            return "\(place) \(heard), \(outcomes.count) outcomes, \(frame.packets.count) bytes"
        }
    }

    /// A socket has room again: those who wait send on.
    func takePending(_ target: Int) {
        for at in processes.indices where !processes[at].pending.isEmpty {
            var kept: [Process.Pending] = []
            for frame in processes[at].pending {
                if frame.to == target, processes[target].datagramCount < Self.socketQueue {
                    processes[target].datagramCount += 1
                    post(.datagram(frame.bytes, pid: processes[at].pid), to: target)
                } else {
                    kept.append(frame)
                }
            }
            processes[at].pending = kept
        }
    }

    /// Tells a process that the one which it waited for is gone.
    func refuse(_ at: Int, _ gone: Int) {
        let it = processes[gone]
        let isProxy = it.service == .proxy
        let instance = Instance(rawValue: it.isClient ? it.life << 32 | 1 : 0)
        if processes[at].service == .proxy {
            let name = ProxyCore.LocalName(service: it.service, instance: instance)
            post(.proxy(.refused(name)), to: at)
        } else {
            let hop: Hop = isProxy ? .proxy : .local(it.service, instance)
            post(.endpoint(.refused(hop)), to: at)
        }
    }

    // MARK: The program of an endpoint

    private func receive(_ at: Int, _ inbound: Inbound) {
        note("\(name(at)) receives \(inbound.procedure) from \(inbound.source)")
        ledger.received(
            UInt64(inbound.procedure), by: processes[at].life,
            node: processes[at].node, service: processes[at].service,
            byteCount: inbound.payload.count, handle: inbound.handle
        ).map(violate)
        guard let handle = inbound.handle else { return }
        guard below(12) != 0 else { return }
        let answer: Answer =
            below(6) == 0 ? .refusal(inbound.payload.prefix(100)) : .reply(inbound.payload)
        later(
            .answer(process: at, life: processes[at].life, handle, answer),
            microseconds: below(3) == 0 ? below(500_000) : 0)
    }
}
