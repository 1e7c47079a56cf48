// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import MessagingCore
import PeerWire
import ProxyCore
import Testing
import Vocabulary

@Suite struct ProxyCoreTests {
    static let now = Instant(nanoseconds: 1_000_000_000)

    private static func proxy() -> ProxyCore {
        ProxyCore(instance: Instance(rawValue: 5), settings: ProxySettings(), seed: 1)
    }

    /// A proxy attached as node 0 of two nodes.
    private static func attached() throws -> ProxyCore {
        var core = proxy()
        _ = core.handle(.started, at: now)
        let asked = core.handle(.legacyConnected, at: now)
        for case .sendLegacy(let pieces) in asked {
            let bytes = Array(pieces.joined())
            let packet = try LegacyPacket.decode(bytes[...], layout: .native)
            guard case .requestControl(let control) = packet.body else { continue }
            let reply = LegacyPacket(
                destination: PNN(rawValue: 0), reqid: packet.reqid,
                body: .replyControl(try answer(control.opcode).encode(layout: .native)))
            _ = core.handle(.legacyPacket(try reply.encode(layout: .native)[...]), at: now)
        }
        return core
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

    private static func frame(from sender: Address, to receiver: Address) -> [UInt8] {
        let header = FrameHeader(
            magic: 0, checksum: 0, protocolVersion: PeerProtocol.currentVersion, flags: 0,
            sender: sender, receiver: receiver, epoch: 1, acknowledgedEpoch: 0, sequence: 1,
            acknowledged: 0, packetBytes: 0, outcomeCount: 0)
        return Frame.encodeFront(
            header: header, body: .outcomes([]), packetByteCount: 0, room: 0)
    }

    private static func message(_ data: [UInt8]) throws -> [UInt8] {
        try RequestMessage.encodePacket(
            srvid: .tunnelNewProtocol, data: [data[...]], destination: PNN(rawValue: 0))
    }

    @Test func aStartConnectsAndNothingElse() {
        var core = Self.proxy()
        #expect(core.handle(.started, at: Self.now) == [.connectLegacy])
    }

    @Test func aLostConnectionIsTriedAgain() {
        var core = Self.proxy()
        _ = core.handle(.started, at: Self.now)
        #expect(
            core.handle(.legacyLost(reason: "refused"), at: Self.now)
                == [.note(.waitingForLegacy(reason: "refused"))])
        let due = Self.now.advanced(byMilliseconds: 100)
        #expect(core.handle(.turnEnded, at: Self.now) == [.wake(at: due)])
        #expect(core.handle(.wake, at: due).first == .connectLegacy)
    }

    @Test func theAnswersOfCtdbdMakeItServe() throws {
        let core = try Self.attached()
        #expect(core.isAttached)
        #expect(core.own.node == PNN(rawValue: 0))
    }

    @Test func aSilentCtdbdIsLeft() {
        var core = Self.proxy()
        _ = core.handle(.started, at: Self.now)
        _ = core.handle(.legacyConnected, at: Self.now)
        let effects = core.handle(.wake, at: Self.now.advanced(byMilliseconds: 10_000))
        #expect(effects.starts(with: [.note(.legacySilent), .disconnectLegacy]))
    }

    @Test func nothingIsTakenBeforeTheNodeIsKnown() {
        var core = Self.proxy()
        let before = core
        #expect(core.handle(.datagram([1, 2, 3], pid: 1), at: Self.now).isEmpty)
        #expect(core == before)
    }

    @Test func aFrameOfAnUnknownNodeIsForged() throws {
        var core = try Self.attached()
        let sender = Address(
            node: PNN(rawValue: 9), service: .proxy, instance: Instance(rawValue: 1))
        let bytes = try Self.message(Self.frame(from: sender, to: core.own))
        let effects = core.handle(.legacyPacket(bytes[...]), at: Self.now)
        #expect(
            effects == [.note(.forged("frame from node 9, which is not known"))])
        #expect(core.statistics.forged == 1)
    }

    @Test(arguments: [1, 7, 32, 44, 60, 100]) func aTruncatedEnvelopeIsCounted(length: Int) throws {
        var core = try Self.attached()
        let sender = Address(
            node: PNN(rawValue: 1), service: .proxy, instance: Instance(rawValue: 1))
        let bytes = try Self.message(Self.frame(from: sender, to: core.own))
        _ = core.handle(.legacyPacket(bytes.prefix(length)), at: Self.now)
        #expect(core.statistics.malformed == 1)
    }

    @Test func aClientSpeaksForItsOwnProcessOnly() throws {
        var core = try Self.attached()
        let client = Address(
            node: .current, service: .client, instance: Instance(rawValue: 40 << 32 | 1))
        let bytes = Self.frame(from: client, to: core.own)
        _ = core.handle(.datagram(bytes[...], pid: 41), at: Self.now)
        #expect(core.statistics.forged == 1)
        _ = core.handle(.datagram(bytes[...], pid: 40), at: Self.now)
        #expect(core.statistics.forged == 1)
        #expect(core.statistics.framesFromLocal == 1)
    }

    @Test func aNewcomerGivesWayToTheProxyThatIsThere() throws {
        var core = try Self.attached()
        let other = Address(
            node: PNN(rawValue: 0), service: .proxy, instance: Instance(rawValue: 99))
        var rival = Link(own: other, peer: core.own, settings: LinkSettings(), seed: 3)
        rival.resume(at: Self.now)
        var failures: [Outcome] = []
        let hello = rival.flush(at: Self.now, failures: &failures)
        let bytes = try Self.message(hello[0].pieces.flatMap { $0 })
        #expect(
            core.handle(.legacyPacket(bytes[...]), at: Self.now) == [
                .note(.otherProxy(other.instance)),
                .fatal("another proxy is attached to the ctdbd of this node"),
            ])
    }
}
