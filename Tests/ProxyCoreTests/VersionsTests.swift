// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import ProxyCore
import Testing
import Vocabulary

/// A proxy that is asked what runs on its node.
@Suite struct ProxyVersionsTests {
    private func ask(
        _ desk: inout ProxyDesk, from side: ProxyDesk.Side, id: UInt64
    ) throws -> VersionsReply {
        var key = ProxyDesk.key(from: side)
        key.destination = Address(
            node: desk.core.own.node, service: .proxy, instance: desk.core.own.instance)
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: .request, flags: 0,
            procedure: PeerProtocol.proxyVersions, source: key.source,
            destination: key.destination, packetID: id, replyTo: 0, deadlineMilliseconds: 0,
            payloadLength: 0, fragmentOffset: 0, messageLength: 0)
        try desk.send(Packet.encode(header, payload: []), of: key, id: id, from: side)
        let answer = try #require(desk.packets[side.rawValue].last)
        #expect(answer.header.kind == .reply)
        return try VersionsReply.decode(answer.payload)
    }

    @Test(arguments: ProxyDesk.Side.allCases)
    func whatIsKnownIsSaid(side: ProxyDesk.Side) throws {
        var desk = try ProxyDesk()
        let unknown = try ask(&desk, from: side, id: 1)
        #expect(unknown.proxy == LinkSettings().software)
        #expect(unknown.ctdbd == "")
        _ = desk.core.handle(.legacyRelease("4.17.12-Debian"), at: desk.now)
        #expect(try ask(&desk, from: side, id: 2).ctdbd == "4.17.12-Debian")
    }

    @Test func anotherDaemonMayBeAnotherRelease() throws {
        var desk = try ProxyDesk()
        _ = desk.core.handle(.legacyRelease("4.17.12"), at: desk.now)
        _ = desk.core.handle(.legacyLost(reason: "gone"), at: desk.now)
        #expect(try ask(&desk, from: .local, id: 1).ctdbd == "")
    }
}
