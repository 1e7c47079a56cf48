// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Vocabulary

/// An endpoint, and whoever is at the other end of one of its hops.
///
/// Effects are given as lines of text, whole and in their order.
struct Desk {
    static let start = Instant(nanoseconds: 1_000_000_000)
    static let echo = Address(
        node: PNN(rawValue: 1), service: .echo, instance: Instance(rawValue: 77))
    static let proxy = Address(
        node: PNN(rawValue: 0), service: .proxy, instance: Instance(rawValue: 5))
    static let neighbour = Address(
        node: .current, service: .echo, instance: Instance(rawValue: 6))

    var now = Desk.start
    var core: EndpointCore
    /// The other end of the hop.
    var partner: Link
    /// What the other end has received.
    var packets: [Packet] = []
    var outcomes: [Outcome] = []
    private let hop: Hop

    /// The endpoint, of the cluster service and instance 9, has just been made.
    init(partner address: Address = Desk.proxy, settings: EndpointSettings = EndpointSettings()) {
        core = EndpointCore(
            service: .cluster, instance: Instance(rawValue: 9), settings: settings, seed: 1)
        let own = Address(
            node: .current, service: .cluster, instance: Instance(rawValue: 9))
        partner = Link(own: address, peer: own, settings: .toLocalProcess, seed: 2)
        hop = address.service == .proxy ? .proxy : .local(address.service, Instance(rawValue: 0))
    }

    /// An endpoint whose hop is up.
    static func opened(
        partner address: Address = Desk.proxy, settings: EndpointSettings = EndpointSettings()
    ) -> Desk {
        var desk = Desk(partner: address, settings: settings)
        _ = desk.handle(.started)
        desk.partner.resume(at: desk.now)
        _ = desk.exchange()
        desk.packets = []
        desk.outcomes = []
        return desk
    }

    mutating func pass(milliseconds: UInt64) { now = now.advanced(byMilliseconds: milliseconds) }

    /// Gives events, then the end of a turn; what comes of it.
    mutating func handle(_ events: EndpointCore.Event...) -> [String] {
        var lines: [String] = []
        for event in events + [.turnEnded] {
            let effects = core.handle(event, at: now)
            lines += effects.map(describe)
            deliver(effects)
        }
        return lines
    }

    /// Lets both ends speak until they have nothing to say; what the endpoint does.
    mutating func exchange() -> [String] {
        var lines: [String] = []
        var failures: [Outcome] = []
        for _ in 0..<20 {
            let frames = partner.flush(at: now, failures: &failures)
            guard !frames.isEmpty else { return lines }
            for frame in frames { lines += handle(.frame(frame.pieces.flatMap { $0 }[...])) }
        }
        return lines + ["never rests"]
    }

    /// The other end sends a packet on; what the endpoint does.
    mutating func send(_ bytes: [UInt8]) -> [String] {
        var rest = bytes[...]
        guard let packet = try? Packet.takeFirst(from: &rest) else { return ["no packet"] }
        _ = partner.hold(
            packet.bytes, id: packet.header.packetID, of: FlowKey(packet), resent: false,
            deadline: nil)
        return exchange()
    }

    /// The other end tells an outcome of a packet of the endpoint.
    mutating func tell(_ code: OutcomeCode, of packet: Packet, by reporter: PNN) -> [String] {
        partner.tell(
            FlowKey(packet).outcome(code, id: packet.header.packetID, by: reporter),
            promptly: true, at: now)
        return exchange()
    }

    /// A packet for the endpoint.
    static func packet(
        _ kind: PacketKind, _ id: UInt64, _ payload: [UInt8] = Array("hello".utf8),
        from source: Address = Desk.echo, replyTo: UInt64 = 0, procedure: UInt32 = 0,
        offset: UInt32 = 0, length: UInt32? = nil, to node: PNN = PNN(rawValue: 0)
    ) -> [UInt8] {
        let destination = Address(
            node: source.node == .current ? .current : node, service: .cluster,
            instance: Instance(rawValue: 0))
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: kind, flags: 0,
            procedure: procedure, source: source, destination: destination, packetID: id,
            replyTo: replyTo, deadlineMilliseconds: 0, payloadLength: 0, fragmentOffset: offset,
            messageLength: length ?? UInt32(payload.count))
        return Packet.encode(header, payload: payload[...])
    }

    // MARK: Effects

    private mutating func deliver(_ effects: [EndpointCore.Effect]) {
        for case .transmit(hop, let outgoing) in effects {
            guard let frame = try? Frame.decode(outgoing.pieces.flatMap { $0 }[...]) else {
                continue
            }
            let received = partner.receive(frame, at: now)
            var rest = received.packets
            while let packet = try? Packet.takeFirst(from: &rest) { packets.append(packet) }
            for outcome in received.outcomes where partner.settle(outcome) != nil {
                outcomes.append(outcome)
            }
        }
    }

    private func describe(_ effect: EndpointCore.Effect) -> String {
        switch effect {
        case .transmit(let hop, let frame): "\(Self.name(hop)) \(Self.describe(frame))"
        case .receive(let inbound):
            "receive \(inbound.handle == nil ? "message" : "request") \(inbound.id): "
                + Self.text(inbound.payload)
        case .reply(let token, let reply):
            "reply \(token) of \(reply.source.node): \(Self.text(reply.payload))"
        case .finish(let token, .delivered): "finish \(token): delivered"
        case .finish(let token, .answered(let reply)):
            "finish \(token): \(reply.isRefusal ? "refused" : "answered") "
                + Self.text(reply.payload)
        case .finish(let token, .failed(let code, let isPossible)):
            "finish \(token): \(code)\(isPossible ? ", possibly delivered" : "")"
        case .finish(let token, .broadcast(let reached, let failed)):
            "finish \(token): reached \(reached.map(\.rawValue)), failed "
                + failed.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value)" }
                .joined(separator: ", ")
        case .stream(let event): Self.describe(event)
        case .wake(let instant): "wake \(Self.start.milliseconds(until: instant))"
        case .note(.malformed(let error)): "note malformed \(error.field)"
        case .note(.refused(let hop, let refusal)): "note \(Self.name(hop)) \(refusal)"
        case .note(.misdelivered): "note misdelivered"
        case .note(.unexpected(_, let id)): "note unexpected \(id)"
        }
    }

    private static func describe(_ event: StreamEvent) -> String {
        switch event {
        case .opening(let token, let key): "opening \(token) as \(key.id)"
        case .opened(let key, let name): "opened \(key.id) \(name)"
        case .bytes(let key, let bytes): "bytes \(key.id) \(text(bytes))"
        case .drained(let key): "drained \(key.id)"
        case .ended(let key, let result, let reason): "ended \(key.id) \(result) \(reason)"
        }
    }

    static func describe(_ outgoing: Link.Outgoing) -> String {
        guard let frame = try? Frame.decode(outgoing.pieces.flatMap { $0 }[...]) else {
            return "no frame"
        }
        guard case .outcomes(let outcomes) = frame.body else { return "hello" }
        var parts = outcomes.map { "\($0.code) \($0.packetID)" }
        var rest = frame.packets
        while let packet = try? Packet.takeFirst(from: &rest) {
            parts.append("\(packet.header.kind) \(packet.header.packetID)")
        }
        if frame.has(PeerProtocol.frameBye) { parts.append("bye") }
        if frame.has(PeerProtocol.frameProbe) { parts.append("probe") }
        return parts.isEmpty ? "bare" : parts.joined(separator: ", ")
    }

    private static func name(_ hop: Hop) -> String {
        switch hop {
        case .proxy: "proxy"
        case .local(let service, _): "local \(service.rawValue)"
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.count > 40 ? "\(bytes.count) bytes" : String(decoding: bytes, as: UTF8.self)
    }
}
