// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterCore
import LegacyWire
import PeerWire
import StageCore
import Testing
import Vocabulary

/// Events in, effects out; ctdbd is played by its packets.
@Suite struct ObserverCoreTests {
    typealias Effect = ObserverCore.Effect

    private var core = ObserverCore()
    /// What ctdbd was asked and has not answered, by the number of the question.
    private var asked: [(Reqid, ControlRequest)] = []

    private func node(_ number: UInt32, _ flags: NodeFlags = []) -> NodeMap.Node {
        NodeMap.Node(
            pnn: PNN(rawValue: number), flags: flags,
            address: .ipv4(address: 0x0A00_0001 + number, port: 0))
    }

    /// Takes an event; questions to ctdbd are kept, and what is only about time is left out.
    private mutating func take(_ event: ObserverCore.Event, at milliseconds: UInt64) -> [Effect] {
        let now = ObserverCore.Moment(
            instant: Instant(nanoseconds: milliseconds * 1_000_000), calendar: milliseconds)
        return core.handle(event, at: now).filter { effect in
            switch effect {
            case .sendLegacy(let bytes):
                guard let packet = try? LegacyPacket.decode(bytes[...], layout: .native),
                    case .requestControl(let control) = packet.body,
                    let request = try? ControlRequest.decode(from: control, layout: .native)
                else { return true }
                asked.append((packet.reqid, request))
                return false
            case .wake, .readStages: return false
            default: return true
            }
        }
    }

    /// Answers all questions.
    private mutating func answer(
        _ nodes: [NodeMap.Node], _ addresses: [PublicIP] = [], at milliseconds: UInt64
    ) throws -> [Effect] {
        var effects: [Effect] = []
        let questions = asked
        asked = []
        for (reqid, request) in questions {
            let reply: ControlReply =
                switch request {
                case .getPNN: .pnn(PNN(rawValue: 1))
                case .getNodeMap: .nodeMap(NodeMap(nodes: nodes))
                case .getPublicIPs: .publicIPs(PublicIPList(addresses: addresses))
                case .registerSrvID: .done(status: 0)
                default: .failed(status: -1, reason: "not implemented")
                }
            let packet = LegacyPacket(
                destination: .current, source: PNN(rawValue: 1), reqid: reqid,
                body: .replyControl(try reply.encode(layout: .native)))
            effects += take(
                .legacyPacket(try packet.encode(layout: .native)[...]), at: milliseconds)
        }
        return effects
    }

    private mutating func hear(
        _ message: MessagePayload, at milliseconds: UInt64
    ) throws -> [Effect] {
        let packet = LegacyPacket(
            destination: .current, source: PNN(rawValue: 1), reqid: Reqid(rawValue: 0),
            body: .requestMessage(try message.encode(layout: .native)))
        return take(.legacyPacket(try packet.encode(layout: .native)[...]), at: milliseconds)
    }

    /// Attached as node 1 of three.
    private mutating func attach() throws {
        _ = take(.started, at: 0)
        _ = take(.legacyConnected, at: 0)
        _ = try answer([node(0), node(1), node(2)], at: 0)
        #expect(core.isAttached)
    }

    /// The changes among effects: topic, subject, state.
    private func changes(_ effects: [Effect]) -> [String] {
        effects.compactMap { effect in
            guard case .changed(let change) = effect else { return nil }
            return "\(change.topic) \(change.subject) \(change.state)"
        }
    }

    /// A table, changed step by step.
    private func table(_ steps: [(StageVerb, ClusterFunction, UInt32)]) throws -> StageTable {
        var table = StageTable.empty
        var log: StageLog?
        for (verb, function, node) in steps {
            _ = try table.apply(
                StageChange(
                    verb, function, on: [PNN(rawValue: node)], basis: .table(epoch: table.epoch),
                    who: "", origin: PNN(rawValue: 0), time: 1), log: &log)
        }
        return table
    }

    @Test mutating func whatCtdbdSaysIsHandedOn() throws {
        #expect(take(.started, at: 0) == [.connectLegacy])
        _ = take(.legacyConnected, at: 0)
        #expect(asked.contains { $0.1 == .registerSrvID(.leader) })
        #expect(asked.contains { $0.1 == .registerSrvID(.stagesChanged) })
        let address = SocketAddress.ipv4(address: 0x0A01_0001, port: 0)
        let effects = try answer(
            [node(0, [.unhealthy, .permanentlyDisabled]), node(1), node(2, .disconnected)],
            [
                PublicIP(pnn: PNN(rawValue: 1), address: address),
                PublicIP(
                    pnn: PNN(rawValue: 0), address: .ipv4(address: 0x0A01_0002, port: 0)),
            ], at: 5)
        #expect(effects.contains(.ready(PNN(rawValue: 1))))
        #expect(
            changes(effects) == [
                "node 0 disabled", "node 1 ok", "node 2 disconnected", "address 10.1.0.1 taken",
                "address 10.1.0.2 released",
            ])
        #expect(changes(try hear(.leader(PNN(rawValue: 2)), at: 6)) == ["leader leader 2"])
    }

    @Test mutating func onlyWhatChangedIsHandedOn() throws {
        try attach()
        #expect(take(.wake, at: 1000) == [])
        #expect(asked.map(\.1) == [.getNodeMap])
        #expect(try answer([node(0), node(1), node(2)], at: 1001) == [])
        _ = take(.wake, at: 2001)
        #expect(
            changes(try answer([node(0), node(1, .banned)], at: 2002)) == [
                "node 1 banned", "node 2 deleted",
            ])
        // An address has moved: everything is asked at once.
        _ = try hear(.takeIP("10.1.0.1"), at: 2003)
        #expect(
            asked.map(\.1) == [.getNodeMap, .getPublicIPs(onlyAvailable: false)])
    }

    @Test mutating func aLeaderThatIsNotHeardIsNone() throws {
        try attach()
        _ = try hear(.leader(PNN(rawValue: 0)), at: 1000)
        #expect(changes(take(.wake, at: 6999)) == [])
        #expect(changes(take(.wake, at: 7000)) == ["leader leader none"])
        #expect(changes(take(.wake, at: 8000)) == [])
        #expect(changes(try hear(.leader(PNN(rawValue: 0)), at: 8001)) == ["leader leader 0"])
    }

    @Test mutating func withoutCtdbdThisNodeIsDown() throws {
        try attach()
        #expect(
            take(.legacyLost(reason: "closed"), at: 1000)
                == [.note(.waitingForLegacy("closed"))])
        #expect(take(.wake, at: 1100) == [.connectLegacy])
        _ = take(.legacyLost(reason: "refused"), at: 1100)
        #expect(changes(take(.wake, at: 3999)) == [])
        #expect(changes(take(.legacyLost(reason: "refused"), at: 4000)) == ["node 1 down"])
        _ = take(.legacyConnected, at: 5000)
        let effects = try answer([node(0), node(1), node(2)], at: 5001)
        #expect(changes(effects).contains("node 1 ok"))
        #expect(!effects.contains(.ready(PNN(rawValue: 1))))
    }

    @Test mutating func aSilentCtdbdIsLeft() throws {
        try attach()
        for second in 1..<10 as Range<UInt64> { _ = take(.wake, at: second * 1000) }
        #expect(
            take(.wake, at: 10_001).prefix(2) == [.note(.legacySilent), .disconnectLegacy])
        #expect(!core.isAttached)
    }

    @Test mutating func stagesAreHandedOnAndDaemonsToldAndAsked() throws {
        try attach()
        let first = try table([(.prepare, .event, 1), (.prepare, .ip, 0)])
        #expect(
            changes(take(.stages(.table(first, node: PNN(rawValue: 1))), at: 100)) == [
                "stage event/1 shadow", "stage ip/0 shadow",
            ])
        #expect(take(.stages(.table(first, node: PNN(rawValue: 1))), at: 200) == [])
        let second = try table([
            (.prepare, .event, 1), (.prepare, .ip, 0), (.switch, .event, 1),
        ])
        let effects = take(.stages(.table(second, node: PNN(rawValue: 1))), at: 300)
        #expect(changes(effects) == ["stage event/1 native"])
        #expect(effects.last == .tellDaemons([.event]))
        #expect(take(.wake, at: 2000) == [.askDaemons([.event])])
    }

    @Test mutating func aDaemonThatDiesIsReversed() throws {
        try attach()
        let native = try table([(.prepare, .event, 1), (.switch, .event, 1)])
        _ = take(.stages(.table(native, node: PNN(rawValue: 1))), at: 100)
        _ = take(.absent(.event), at: 200)
        let reason = "ctdb-eventd is not running"
        let reversal = Effect.reverse(.event, PNN(rawValue: 1), epoch: 2, reason: reason)
        #expect(!take(.absent(.event), at: 10_199).contains(reversal))
        #expect(take(.absent(.event), at: 10_201).contains(reversal))
        // ctdbd is away: once more when it is there.
        #expect(
            take(.notReversed(.event, reason: "away"), at: 10_300)
                .contains(.note(.notReversed(.event, reason: "away"))))
        #expect(take(.wake, at: 10_301) == [])
    }

    @Test mutating func aDaemonThatStaysUnfitIsReversed() throws {
        try attach()
        let native = try table([(.prepare, .event, 1), (.switch, .event, 1)])
        _ = take(.stages(.table(native, node: PNN(rawValue: 1))), at: 100)
        let status = StageStatus(
            function: .event, recorded: .native, epoch: 2, inEffect: .shadow, inEffectSince: 1,
            detail: "", fitness: .unfit, unfitReason: "slow", legacyReady: true,
            holdOffMilliseconds: 0, versionMinimum: 1, versionMaximum: 1, features: 0,
            featuresNeeded: 0, software: "", pid: 5, started: 1, compared: 0, different: 0,
            watched: 0, watchedErrors: 0, watchedMismatches: 0, watchedLatencyMicroseconds: 0,
            later: [])
        _ = take(.answered(.event, status), at: 200)
        #expect(
            take(.answered(.event, status), at: 10_201)
                .contains(.reverse(.event, PNN(rawValue: 1), epoch: 2, reason: "slow")))
    }

    @Test mutating func bytesThatAreNoPacketAreNoted() throws {
        try attach()
        for count in 0..<64 {
            let bytes = [UInt8](repeating: 0xFF, count: count)
            let effects = take(.legacyPacket(bytes[...]), at: 1)
            guard case .note(.malformed)? = effects.first else {
                Issue.record("\(count) bytes: \(effects)")
                continue
            }
        }
    }

    @Test mutating func whatCannotBeReadIsSaidOnce() throws {
        try attach()
        #expect(
            take(.stages(.unreadable("damaged")), at: 1) == [.note(.stagesUnreadable("damaged"))])
        #expect(take(.stages(.unreadable("damaged")), at: 2) == [])
    }
}
