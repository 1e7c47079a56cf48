// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import MessagingCore
import PeerWire
import ProxyCore
import Testing
import Vocabulary

/// Several proxies at one ctdbd: exactly one stays.
@Suite struct RivalTests {
    private static let now = Instant(nanoseconds: 1_000_000_000)
    private static let node = PNN(rawValue: 0)
    private static let other = Address(
        node: node, service: .proxy, instance: Instance(rawValue: 99))
    private static let end: [ProxyCore.Effect] = [
        .note(.otherProxy(other.instance)),
        .fatal("another proxy is attached to the ctdbd of this node"),
    ]

    /// A proxy that has just attached, and its greeting.
    private static func attached() throws -> (core: ProxyCore, greeting: [UInt8]) {
        var core = ProxyCore(instance: Instance(rawValue: 5), settings: ProxySettings(), seed: 1)
        _ = core.handle(.started, at: now)
        var greetings: [[UInt8]] = []
        for case .sendLegacy(let pieces) in core.handle(.legacyConnected, at: now) {
            guard let reply = try ProxyDesk.answer(Array(pieces.joined())) else { continue }
            greetings += hellos(core.handle(.legacyPacket(reply[...]), at: now))
        }
        return (core, try #require(greetings.count == 1 ? greetings.first : nil))
    }

    /// The hellos to the own node among effects.
    private static func hellos(_ effects: [ProxyCore.Effect]) -> [[UInt8]] {
        effects.compactMap { effect in
            guard case .sendLegacy(let pieces) = effect,
                let packet = try? LegacyPacket.decode(
                    Array(pieces.joined())[...], layout: .native),
                packet.destination == node, case .requestMessage(let message) = packet.body
            else { return nil }
            return Array(message.data)
        }
    }

    private static func hello(_ bytes: [UInt8]) throws -> Hello {
        guard case .hello(let hello) = try Frame.decode(bytes[...]).body else {
            throw WireFault()
        }
        return hello
    }

    private struct WireFault: Error {}

    /// A hello of the other proxy.
    private static func otherHello(nonce: UInt64, echo: UInt64) throws -> ArraySlice<UInt8> {
        let hello = Hello(
            versionMinimum: 0x0001_0000, versionMaximum: 0x0001_0000, features: 0, nonce: nonce,
            echo: echo, frameLimit: PeerProtocol.frameLimit, software: "other")
        let header = FrameHeader(
            magic: 0, checksum: 0, protocolVersion: 0x0001_0000, flags: PeerProtocol.frameHello,
            sender: other,
            receiver: Address(node: node, service: .proxy, instance: Instance(rawValue: 0)),
            epoch: 0, acknowledgedEpoch: 0, sequence: 0, acknowledged: 0, packetBytes: 0,
            outcomeCount: 0)
        let bytes = Frame.encodeFront(
            header: header, body: .hello(hello), packetByteCount: 0, room: 0)
        return try ProxyDesk.message(bytes)[...]
    }

    @Test func aGreetingHasANonceAndWantsAnAnswer() throws {
        let (core, greeting) = try Self.attached()
        let frame = try Frame.decode(greeting[...])
        #expect(frame.header.flags == PeerProtocol.frameHello | PeerProtocol.frameProbe)
        #expect(frame.header.sender == core.own)
        #expect(try Self.hello(greeting).nonce != 0)
        #expect(try Self.hello(greeting).echo == 0)
    }

    @Test func whoWasHereBeforeAnswersWithTheNonceAndStays() throws {
        var (core, greeting) = try Self.attached()
        let own = try ProxyDesk.message(greeting)
        #expect(core.handle(.legacyPacket(own[...]), at: Self.now) == [])
        let effects = core.handle(
            .legacyPacket(try Self.otherHello(nonce: 7, echo: 0)), at: Self.now)
        #expect(effects.first == .note(.otherProxy(Self.other.instance)))
        #expect(effects.count == 2)
        let answer = try #require(Self.hellos(effects).first)
        #expect(try Self.hello(answer).echo == 7)
        #expect(try Frame.decode(answer[...]).header.flags == PeerProtocol.frameHello)
    }

    @Test func whoGreetedLaterSaysNothingToWhoGreetedBefore() throws {
        var (core, _) = try Self.attached()
        let effects = core.handle(
            .legacyPacket(try Self.otherHello(nonce: 7, echo: 0)), at: Self.now)
        #expect(effects == [.note(.otherProxy(Self.other.instance))])
    }

    @Test func onlyTheEchoOfItsOwnGreetingEndsAProxy() throws {
        var (core, greeting) = try Self.attached()
        let nonce = try Self.hello(greeting).nonce
        for echo in [nonce &+ 1, 1, .max] {
            #expect(
                core.handle(.legacyPacket(try Self.otherHello(nonce: 7, echo: echo)), at: Self.now)
                    == [.note(.otherProxy(Self.other.instance))])
        }
        #expect(
            core.handle(.legacyPacket(try Self.otherHello(nonce: 7, echo: nonce)), at: Self.now)
                == Self.end)
    }

    @Test func itsOwnHelloIsNothingToAProxy() throws {
        var (core, greeting) = try Self.attached()
        let own = try ProxyDesk.message(greeting)
        #expect(core.handle(.legacyPacket(own[...]), at: Self.now) == [])
        #expect(core.handle(.legacyPacket(own[...]), at: Self.now) == [])
    }

    @Test func theGreetingOfAnEarlierConnectionIsForgotten() throws {
        var (core, greeting) = try Self.attached()
        let nonce = try Self.hello(greeting).nonce
        _ = core.handle(.legacyPacket(try ProxyDesk.message(greeting)[...]), at: Self.now)
        _ = core.handle(.legacyLost(reason: "end of stream"), at: Self.now)
        for echo in [0, nonce] {
            #expect(
                core.handle(.legacyPacket(try Self.otherHello(nonce: 7, echo: echo)), at: Self.now)
                    == [.note(.otherProxy(Self.other.instance))])
        }
    }

    // MARK: Any order of events

    /// A ctdbd and its proxies; which of them does its next step is a matter of chance.
    private struct House {
        struct Guest {
            var core: ProxyCore?
            var isConnected = false
            var toDaemon: [[UInt8]] = []
            var toProxy: [ProxyCore.Event] = [.started]
            var isRegistered = false
        }

        var random: RandomSource
        var guests: [Guest]
        var now = RivalTests.now

        init(_ count: Int, seed: UInt64) {
            var random = RandomSource(seed: seed)
            guests = (0..<count).map { _ in
                let instance = Instance(rawValue: random.next() | 1)
                return Guest(
                    core: ProxyCore(
                        instance: instance, settings: ProxySettings(), seed: random.next()))
            }
            self.random = random
        }

        var alive: Int { guests.count { $0.core != nil } }

        mutating func run() throws {
            while true {
                var moves: [(Int, Bool)] = []
                for at in guests.indices where guests[at].core != nil {
                    if !guests[at].toDaemon.isEmpty { moves.append((at, true)) }
                    if !guests[at].toProxy.isEmpty { moves.append((at, false)) }
                }
                guard !moves.isEmpty else { return }
                let (at, isDaemon) = moves[Int(random.next() % UInt64(moves.count))]
                if isDaemon {
                    try serve(at, guests[at].toDaemon.removeFirst())
                } else {
                    follow(at, guests[at].toProxy.removeFirst())
                }
            }
        }

        /// ctdbd is started anew: what was on its way is lost.
        mutating func restart() {
            for at in guests.indices where guests[at].core != nil {
                guests[at].toDaemon = []
                guests[at].isRegistered = false
                guests[at].toProxy = [.legacyLost(reason: "end of stream"), .wake]
            }
            now = now.advanced(byMilliseconds: 2_000)
        }

        private mutating func serve(_ at: Int, _ bytes: [UInt8]) throws {
            if let reply = try ProxyDesk.answer(bytes) {
                let packet = try LegacyPacket.decode(bytes[...], layout: .native)
                if case .requestControl(let control) = packet.body,
                    control.opcode == .registerSrvID, control.srvid == .tunnelNewProtocol
                {
                    guests[at].isRegistered = true
                }
                guests[at].toProxy.append(.legacyPacket(reply[...]))
                return
            }
            let packet = try LegacyPacket.decode(bytes[...], layout: .native)
            guard case .requestMessage(let message) = packet.body,
                packet.destination == RivalTests.node
            else { return }
            let copy = try ProxyDesk.message(Array(message.data))
            for other in guests.indices where guests[other].isRegistered {
                guests[other].toProxy.append(.legacyPacket(copy[...]))
            }
        }

        private mutating func follow(_ at: Int, _ event: ProxyCore.Event) {
            // A wake that comes before the proxy asked for it comes when it is due.
            let when = event == .wake ? now.advanced(byMilliseconds: 1_000) : now
            guard let effects = guests[at].core?.handle(event, at: when) else { return }
            for effect in effects {
                switch effect {
                case .connectLegacy: guests[at].toProxy.append(.legacyConnected)
                case .sendLegacy(let pieces): guests[at].toDaemon.append(Array(pieces.joined()))
                case .fatal:
                    guests[at].core = nil
                    guests[at].isRegistered = false
                default: break
                }
            }
        }
    }

    @Test(arguments: 2...5) func inAnyOrderExactlyOneStays(count: Int) throws {
        for seed: UInt64 in 0..<500 {
            var house = House(count, seed: seed)
            try house.run()
            #expect(house.alive == 1, "seed \(seed)")
        }
    }

    @Test func whenCtdbdIsStartedAnewExactlyOneStays() throws {
        for seed: UInt64 in 0..<200 {
            var house = House(3, seed: seed)
            house.guests[1].toProxy = []
            house.guests[2].toProxy = []
            try house.run()
            #expect(house.alive == 1 + 2)
            // The one that was there and two new ones find the new ctdbd.
            house.restart()
            house.guests[1].toProxy = [.started]
            house.guests[2].toProxy = [.started]
            try house.run()
            #expect(house.alive == 1, "seed \(seed)")
        }
    }
}
