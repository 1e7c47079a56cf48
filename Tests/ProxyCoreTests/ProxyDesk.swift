// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import MessagingCore
import PeerWire
import ProxyCore
import Vocabulary

/// The proxy of node 0 of two, a process beside it, and the proxy of node 1.
struct ProxyDesk {
    static let service = Address(
        node: PNN(rawValue: 0), service: .cluster, instance: Instance(rawValue: 9))
    static let far = Address(
        node: PNN(rawValue: 1), service: .proxy, instance: Instance(rawValue: 6))
    static let farService = Address(
        node: PNN(rawValue: 1), service: .echo, instance: Instance(rawValue: 0))
    static let farClient = Address(
        node: PNN(rawValue: 1), service: .echo, instance: Instance(rawValue: 44))

    /// One of the proxy's two neighbours.
    enum Side: Int, CaseIterable {
        case local = 0
        case node = 1
    }

    var now = Instant(nanoseconds: 1_000_000_000)
    var core: ProxyCore
    /// The process and the other proxy.
    var links: [Link]
    /// What came to each of the two.
    var packets: [[Packet]] = [[], []]
    var outcomes: [[Outcome]] = [[], []]
    /// Everything that is not sent to anybody.
    var notes: [ProxyCore.Effect] = []

    /// Everybody is up.
    init() throws {
        core = try Self.attached(at: now)
        var local = Self.service
        local.node = .current
        let unknown = Instance(rawValue: 0)
        let proxy = Address(node: PNN(rawValue: 0), service: .proxy, instance: unknown)
        links = [
            Link(own: local, peer: proxy, settings: .toProxy, seed: 3),
            Link(own: Self.far, peer: proxy, settings: LinkSettings(), seed: 4),
        ]
        links[0].resume(at: now)
        links[1].resume(at: now)
        try exchange()
        links[0].rename(Self.service)
        notes = []
    }

    /// A proxy attached as node 0 of two nodes.
    static func attached(at now: Instant) throws -> ProxyCore {
        var core = ProxyCore(instance: Instance(rawValue: 5), settings: ProxySettings(), seed: 1)
        _ = core.handle(.started, at: now)
        for case .sendLegacy(let pieces) in core.handle(.legacyConnected, at: now) {
            guard let reply = try answer(Array(pieces.joined())) else { continue }
            _ = core.handle(.legacyPacket(reply[...]), at: now)
        }
        return core
    }

    /// What ctdbd of node 0 answers to a control; nil for other packets.
    static func answer(_ bytes: [UInt8]) throws -> [UInt8]? {
        let packet = try LegacyPacket.decode(bytes[...], layout: .native)
        guard case .requestControl(let control) = packet.body else { return nil }
        let reply = LegacyPacket(
            destination: PNN(rawValue: 0), reqid: packet.reqid,
            body: .replyControl(try answer(control.opcode).encode(layout: .native)))
        return try reply.encode(layout: .native)
    }

    private static func answer(_ opcode: ControlOpcode) -> ControlReply {
        switch opcode {
        case .getPNN: .pnn(PNN(rawValue: 0))
        case .getNodeMap:
            .nodeMap(
                NodeMap(
                    nodes: (0..<2).map {
                        NodeMap.Node(
                            pnn: PNN(rawValue: $0), flags: [],
                            address: .ipv4(address: $0, port: 0))
                    }))
        case .getVNNMap: .vnnMap(VNNMap(generation: Generation(rawValue: 7), nodes: []))
        case .getRecoveryMode: .recoveryMode(.normal)
        default: .done(status: 0)
        }
    }

    /// A message of ctdbd to everybody registered for the proxies' srvid.
    static func message(_ data: [UInt8]) throws -> [UInt8] {
        try RequestMessage.encodePacket(
            srvid: .tunnelNewProtocol, data: [data[...]], destination: PNN(rawValue: 0))
    }

    /// Lets all three speak until they have nothing to say.
    mutating func exchange() throws {
        var failures: [Outcome] = []
        for _ in 0..<40 {
            var isQuiet = true
            for side in Side.allCases {
                for frame in links[side.rawValue].flush(at: now, failures: &failures) {
                    isQuiet = false
                    try post(frame.pieces.flatMap { $0 }, from: side)
                }
            }
            if take(core.handle(.turnEnded, at: now)) { isQuiet = false }
            if isQuiet { return }
        }
        throw NeverRests()
    }

    struct NeverRests: Error {}

    /// A frame comes to the proxy.
    mutating func post(_ bytes: [UInt8], from side: Side) throws {
        switch side {
        case .local: take(core.handle(.datagram(bytes[...], pid: 1), at: now))
        case .node: take(core.handle(.legacyPacket(try Self.message(bytes)[...]), at: now))
        }
    }

    /// Takes what the proxy does; whether it sent anything to the two.
    @discardableResult mutating func take(_ effects: [ProxyCore.Effect]) -> Bool {
        var hasSent = false
        for effect in effects {
            switch effect {
            case .sendLocal(_, let frame):
                hasSent = true
                receive(frame.pieces.flatMap { $0 }, at: .local)
            case .sendLegacy(let pieces):
                let bytes = Array(pieces.joined())
                guard let packet = try? LegacyPacket.decode(bytes[...], layout: .native),
                    case .requestMessage(let message) = packet.body,
                    packet.destination == Self.far.node
                else { continue }
                hasSent = true
                receive(Array(message.data), at: .node)
            case .wake: break
            default: notes.append(effect)
            }
        }
        return hasSent
    }

    private mutating func receive(_ bytes: [UInt8], at side: Side) {
        guard let frame = try? Frame.decode(bytes[...]) else { return }
        let at = side.rawValue
        let received = links[at].receive(frame, at: now)
        var rest = received.packets
        while let packet = try? Packet.takeFirst(from: &rest) { packets[at].append(packet) }
        for outcome in received.outcomes
        where links[at].settle(outcome, isPart: outcome.destination.node.isBroadcast) != nil {
            outcomes[at].append(outcome)
        }
    }

    /// One of the two sends a packet.
    mutating func send(_ bytes: [UInt8], of key: FlowKey, id: UInt64, from side: Side) throws {
        _ = links[side.rawValue].hold(bytes[...], id: id, of: key, resent: false, deadline: nil)
        try exchange()
    }

    /// One of the two tells an outcome of the last packet that came to it.
    mutating func settle(_ code: OutcomeCode, at side: Side) throws {
        guard let packet = packets[side.rawValue].last else { return }
        links[side.rawValue].tell(
            FlowKey(packet).outcome(
                code, id: packet.header.packetID, by: PNN(rawValue: UInt32(side.rawValue))),
            promptly: true, at: now)
        try exchange()
    }

    /// A packet of the process for the other node, or of the other node for the process.
    static func packet(
        _ kind: PacketKind, _ id: UInt64, from side: Side, to node: PNN? = nil,
        offset: UInt32 = 0, length: UInt32 = 5, replyTo: UInt64 = 0
    ) -> [UInt8] {
        let key = key(from: side, to: node)
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: kind, flags: 0, procedure: 0,
            source: key.source, destination: key.destination, packetID: id, replyTo: replyTo,
            deadlineMilliseconds: 0, payloadLength: 0, fragmentOffset: offset,
            messageLength: length)
        return Packet.encode(header, payload: Array("hello".utf8)[...])
    }

    static func key(from side: Side, to node: PNN? = nil) -> FlowKey {
        var destination = farService
        if side == .node {
            destination = service
            destination.instance = Instance(rawValue: 0)
        }
        if let node { destination.node = node }
        return FlowKey(
            source: side == .local ? service : farClient, destination: destination, lane: .normal)
    }
}
