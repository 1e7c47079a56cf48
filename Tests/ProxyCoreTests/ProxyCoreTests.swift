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

    private static func attached() throws -> ProxyCore { try ProxyDesk.attached(at: now) }

    private static func frame(from sender: Address, to receiver: Address) -> [UInt8] {
        let header = FrameHeader(
            magic: 0, checksum: 0, protocolVersion: PeerProtocol.currentVersion, flags: 0,
            sender: sender, receiver: receiver, epoch: 1, acknowledgedEpoch: 0, sequence: 1,
            acknowledged: 0, packetBytes: 0, outcomeCount: 0)
        return Frame.encodeFront(
            header: header, body: .outcomes([]), packetByteCount: 0, room: 0)
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
        let bytes = try ProxyDesk.message(Self.frame(from: sender, to: core.own))
        let effects = core.handle(.legacyPacket(bytes[...]), at: Self.now)
        #expect(
            effects == [.note(.forged("frame from node 9, which is not known"))])
        #expect(core.statistics.forged == 1)
    }

    @Test(arguments: [1, 7, 32, 44, 60, 100]) func aTruncatedEnvelopeIsCounted(length: Int) throws {
        var core = try Self.attached()
        let sender = Address(
            node: PNN(rawValue: 1), service: .proxy, instance: Instance(rawValue: 1))
        let bytes = try ProxyDesk.message(Self.frame(from: sender, to: core.own))
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
}
