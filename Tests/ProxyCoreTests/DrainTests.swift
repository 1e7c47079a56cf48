// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import ProxyCore
import Testing
import Vocabulary

/// A proxy that is being stopped finishes what was begun, and refuses what is new.
@Suite struct DrainTests {
    /// A proxy that is being stopped while a message of the process is on its way.
    private func draining() throws -> ProxyDesk {
        var desk = try ProxyDesk()
        try desk.send(
            ProxyDesk.packet(.message, 1, from: .local), of: ProxyDesk.key(from: .local), id: 1,
            from: .local)
        desk.take(desk.core.handle(.drain, at: desk.now))
        #expect(desk.notes == [.note(.draining(held: 1))])
        return desk
    }

    @Test(arguments: [PacketKind.message, .request, .streamOpen], ProxyDesk.Side.allCases)
    func whatIsNewIsRefused(kind: PacketKind, side: ProxyDesk.Side) throws {
        var desk = try draining()
        let other: ProxyDesk.Side = side == .local ? .node : .local
        let before = desk.packets[other.rawValue].count
        try desk.send(
            ProxyDesk.packet(kind, 2, from: side), of: ProxyDesk.key(from: side), id: 2, from: side)
        #expect(desk.packets[other.rawValue].count == before)
        #expect(
            desk.outcomes[side.rawValue] == [
                ProxyDesk.key(from: side).outcome(.shuttingDown, id: 2, by: PNN(rawValue: 0))
            ])
        #expect(desk.core.statistics.undeliverable == 1)
    }

    @Test(arguments: [
        PacketKind.reply, .refusal, .streamData, .streamCredit, .streamEnd,
    ])
    func whatGoesOnIsCarried(kind: PacketKind) throws {
        var desk = try draining()
        try desk.send(
            ProxyDesk.packet(kind, 2, from: .local, replyTo: 1), of: ProxyDesk.key(from: .local),
            id: 2, from: .local)
        #expect(desk.packets[1].map(\.header.packetID) == [1, 2])
        #expect(desk.outcomes[0].isEmpty)
    }

    @Test func theRestOfAMessageIsCarried() throws {
        var desk = try ProxyDesk()
        let key = ProxyDesk.key(from: .local)
        try desk.send(
            ProxyDesk.packet(.message, 1, from: .local, length: 10), of: key, id: 1, from: .local)
        desk.take(desk.core.handle(.drain, at: desk.now))
        try desk.send(
            ProxyDesk.packet(.message, 2, from: .local, offset: 5, length: 10), of: key, id: 2,
            from: .local)
        #expect(desk.packets[1].map(\.header.packetID) == [1, 2])
    }

    @Test func aBroadcastIsRefusedAsAWhole() throws {
        var desk = try draining()
        let key = ProxyDesk.key(from: .local, to: .broadcastAll)
        try desk.send(
            ProxyDesk.packet(.message, 2, from: .local, to: .broadcastAll), of: key, id: 2,
            from: .local)
        #expect(
            desk.outcomes[0] == [key.outcome(.shuttingDown, id: 2, by: .broadcastAll)])
        #expect(desk.packets[1].count == 1)
    }

    @Test func theProxyItselfStillAnswers() throws {
        var desk = try draining()
        var key = ProxyDesk.key(from: .local)
        key.destination = desk.core.own
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: .request, flags: 0,
            procedure: PeerProtocol.proxyPing, source: key.source, destination: key.destination,
            packetID: 2, replyTo: 0, deadlineMilliseconds: 0, payloadLength: 0, fragmentOffset: 0,
            messageLength: 0)
        try desk.send(Packet.encode(header, payload: []), of: key, id: 2, from: .local)
        #expect(desk.packets[0].map(\.header.kind) == [.reply])
    }

    @Test func whoGoesOnSendingDoesNotKeepIt() throws {
        var desk = try draining()
        desk.notes = []
        try desk.settle(.consumed, at: .node)
        for id: UInt64 in 2...4 {
            desk.now = desk.now.advanced(byMilliseconds: 10)
            desk.take(desk.core.handle(.wake, at: desk.now))
            // The refusal of this one is not acknowledged yet when the next step comes.
            try desk.send(
                ProxyDesk.packet(.message, id, from: .local), of: ProxyDesk.key(from: .local),
                id: id, from: .local)
        }
        #expect(desk.outcomes[0].map(\.code).contains(.consumed))
        #expect(desk.notes.contains(.drained))
    }

    @Test func itEndsWhenNothingIsUnderWayAnyMore() throws {
        var desk = try draining()
        desk.notes = []
        try desk.exchange()
        #expect(desk.notes.isEmpty)
        try desk.settle(.consumed, at: .node)
        // What was consumed waits for company, then for its acknowledgement.
        for _ in 0..<3 {
            desk.now = desk.now.advanced(byMilliseconds: 10)
            desk.take(desk.core.handle(.wake, at: desk.now))
            try desk.exchange()
        }
        #expect(desk.outcomes[0].map(\.code) == [.consumed])
        #expect(desk.notes.contains(.drained))
    }
}
