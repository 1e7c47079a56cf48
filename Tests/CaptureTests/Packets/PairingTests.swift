// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Testing
import Vocabulary

/// Which request an answer belongs to.
@Suite struct PairingTests {
    static let clientA = Endpoint(address: .ipv4(0x7F00_0001), port: 1001)
    static let clientB = Endpoint(address: .ipv4(0x7F00_0001), port: 1002)
    static let daemon = Endpoint(address: .ipv4(0x7F00_0001), port: 4379)
    static let nodes = (1...3).map { Endpoint(address: .ipv4(0x0A00_0000 + $0), port: 4379) }

    static func packet(
        _ source: UInt32, _ destination: UInt32, _ reqid: UInt32, _ body: LegacyPacket.Body
    ) -> LegacyPacket {
        LegacyPacket(
            destination: PNN(rawValue: destination), source: PNN(rawValue: source),
            reqid: Reqid(rawValue: reqid), body: body)
    }

    static func control(
        _ opcode: ControlOpcode, flags: RequestControl.Flags = []
    ) -> LegacyPacket.Body {
        .requestControl(RequestControl(opcode: opcode, flags: flags))
    }

    static let reply = LegacyPacket.Body.replyControl(ReplyControl(status: 0))

    static func sightings(
        _ packets: [(Endpoint, Endpoint, LegacyPacket)]
    ) throws -> [LegacySighting] {
        let frames = try packets.map { source, destination, packet in
            let bytes = try packet.encode(layout: little64)
            return ExportedPDU(
                dissector: "ctdb", source: source, destination: destination, payload: bytes[...]
            ).encoded()
        }
        return CaptureTests.sightings(frames, .exportedPDU).sightings.compactMap { sighting in
            if case .legacy(let legacy) = sighting.content { legacy } else { nil }
        }
    }

    @Test func clientsHaveReqidsOfTheirOwn() throws {
        let read = try Self.sightings([
            (Self.clientA, Self.daemon, Self.packet(.max, 0, 5, Self.control(.ping))),
            (Self.clientB, Self.daemon, Self.packet(.max, 0, 5, Self.control(.getPID))),
            (Self.daemon, Self.clientA, Self.packet(0, 0, 5, Self.reply)),
            (Self.daemon, Self.clientB, Self.packet(0, 0, 5, Self.reply)),
            // Answered already.
            (Self.daemon, Self.clientB, Self.packet(0, 0, 5, Self.reply)),
        ])
        #expect(read.map(\.opcode) == [.ping, .getPID, .ping, .getPID, nil])
        #expect(read.map { $0.request?.number } == [nil, nil, 1, 2, nil])
    }

    @Test func nodesAnswerOnConnectionsOfTheirOwn() throws {
        let away = Endpoint(address: Self.nodes[0].address, port: 50_000)
        let back = Endpoint(address: Self.nodes[1].address, port: 50_001)
        let read = try Self.sightings([
            (away, Self.nodes[1], Self.packet(0, 1, 5, Self.control(.getNodeMap))),
            (back, Self.nodes[0], Self.packet(1, 0, 5, Self.control(.uptime))),
            (back, Self.nodes[0], Self.packet(1, 0, 5, Self.reply)),
            (away, Self.nodes[1], Self.packet(0, 1, 5, Self.reply)),
        ])
        #expect(read.map(\.opcode) == [.getNodeMap, .uptime, .getNodeMap, .uptime])
    }

    @Test func aRecordMayComeFromAThirdNode() throws {
        let database = DatabaseID(rawValue: 0xABCD)
        let call = RequestCall(
            flags: [], database: database, function: RequestCall.fetchFunction, hopCount: 0,
            key: [1], data: [])
        let reply = ReplyDmaster(
            database: database, rsn: RSN(rawValue: 1), key: [1], data: [], recordFlags: 0)
        let read = try Self.sightings([
            (Self.nodes[0], Self.nodes[1], Self.packet(0, 1, 5, .requestCall(call))),
            (Self.nodes[2], Self.nodes[0], Self.packet(2, 0, 5, .replyDmaster(reply))),
        ])
        #expect(read.map { $0.request?.operation } == [nil, .requestCall])
        #expect(read.map(\.database) == [database, database])
    }

    @Test func whatWantsNoReplyIsNotRemembered() throws {
        let read = try Self.sightings([
            (Self.clientA, Self.daemon, Self.packet(0, 0, 5, Self.control(.ping))),
            (
                Self.clientA, Self.daemon,
                Self.packet(0, 0, 5, Self.control(.uptime, flags: .noReply))
            ),
            (Self.daemon, Self.clientA, Self.packet(0, 0, 5, Self.reply)),
            (
                Self.daemon, Self.clientA,
                Self.packet(0, 0, 6, .replyCall(ReplyCall(status: 0, data: [])))
            ),
        ])
        #expect(read.map(\.opcode) == [.ping, .uptime, .ping, nil])
    }

    @Test func anAnswerIsTypedByItsRequest() throws {
        let request = try Self.sightings([
            (Self.clientA, Self.daemon, Self.packet(0, 0, 5, Self.control(.getPNN))),
            (
                Self.daemon, Self.clientA,
                Self.packet(0, 0, 5, .replyControl(ReplyControl(status: 7)))
            ),
            (
                Self.daemon, Self.clientA,
                Self.packet(0, 0, 9, .replyControl(ReplyControl(status: 7, data: [1])))
            ),
        ])
        #expect(request[1].payload == .reply(.pnn(PNN(rawValue: 7)), to: .getPNN))
        #expect(request[2].payload == .opaque([1]))
    }
}
