// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import ProxyCore
import Testing
import Vocabulary

/// A proxy that is asked to show what comes and goes.
@Suite struct ProxyRecordingTests {
    private func ask(
        _ desk: inout ProxyDesk, from side: ProxyDesk.Side, _ payload: [UInt8]
    ) throws -> Packet? {
        var key = ProxyDesk.key(from: side)
        key.destination = Address(
            node: desk.core.own.node, service: .proxy, instance: desk.core.own.instance)
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: .request, flags: 0,
            procedure: PeerProtocol.recordStart, source: key.source,
            destination: key.destination, packetID: 1, replyTo: 0, deadlineMilliseconds: 0,
            payloadLength: 0, fragmentOffset: 0, messageLength: UInt32(payload.count))
        try desk.send(
            Packet.encode(header, payload: payload[...]), of: key, id: 1, from: side)
        return desk.packets[side.rawValue].last
    }

    private let request = RecordRequest(name: "r.sock", bufferBytes: 1_000)

    @Test func aRecorderOfThisNodeIsShownEverything() throws {
        var desk = try ProxyDesk()
        let answer = try ask(&desk, from: .local, request.encoded())
        #expect(answer?.header.kind == .reply)
        #expect(desk.notes == [.record(request)])
    }

    @Test func oneOfAnotherNodeIsRefused() throws {
        var desk = try ProxyDesk()
        let answer = try ask(&desk, from: .node, request.encoded())
        let refusal = try Refusal.decode(try #require(answer).payload)
        #expect(refusal.code == .notPermitted)
        #expect(!desk.notes.contains(.record(request)))
    }

    @Test func whatCannotBeReadIsRefused() throws {
        var desk = try ProxyDesk()
        let answer = try ask(&desk, from: .local, [0, 0, 0])
        let refusal = try Refusal.decode(try #require(answer).payload)
        #expect(refusal.code == .badPayload)
        #expect(desk.notes.isEmpty)
    }
}
