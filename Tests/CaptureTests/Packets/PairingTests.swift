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

    /// A client, the daemon, and messages that the daemon sends to the client.
    private static func conversation(
        _ ask: LegacyPacket.Body, _ answers: [LegacyPacket.Body]
    ) throws -> [LegacySighting] {
        try sightings(
            [(clientA, daemon, packet(.max, 0, 5, ask))]
                + answers.map { (daemon, clientA, packet(0, 0, 5, $0)) })
    }

    private static func message(_ srvid: SrvID, _ data: [UInt8]) -> LegacyPacket.Body {
        .requestMessage(RequestMessage(srvid: srvid, data: data[...]))
    }

    static let ownSrvID = SrvID(rawValue: 0xCE00_0000_0000_0007)
    static let record = RecordData(
        reqid: 9, header: RecordHeader(rsn: RSN(rawValue: 3), dmaster: PNN(rawValue: 1)),
        key: [1, 2], value: [3], layout: little64)

    @Test(arguments: [false, true])
    func recordsOfATraversalAreTypedByIt(isExtended: Bool) throws {
        let start = TraverseStart(
            database: DatabaseID(rawValue: 7), reqid: Reqid(rawValue: 9), srvid: Self.ownSrvID)
        let extended = TraverseStartExtended(
            database: start.database, reqid: start.reqid, srvid: start.srvid,
            withEmptyRecords: true)
        let control: ControlRequest =
            isExtended ? .traverseStartExtended(extended) : .traverseStart(start)
        let end = RecordData(reqid: 9, key: [], data: [])
        let read = try Self.conversation(
            .requestControl(try control.encode(layout: little64)),
            [
                Self.message(Self.ownSrvID, try Self.record.encoded(layout: little64)),
                Self.message(Self.ownSrvID, try end.encoded(layout: little64)),
                Self.message(Self.ownSrvID, [1]),
                Self.message(SrvID(rawValue: 8), try Self.record.encoded(layout: little64)),
            ])
        #expect(read[1].payload == .answer(.traversed(Self.record)))
        #expect(read[2].payload == .answer(.traversed(end)))
        // Somebody else's message to the same srvid, and to another one.
        #expect(read[3].payload == .opaque([1]))
        #expect(read[4].payload == .opaque(try Self.record.encoded(layout: little64)[...]))
        #expect(
            read[1].fields.lines("").suffix(10) == [
                "    data", "        traversed", "            reqid: 9",
                "            key: 2 bytes: 0102 |..|", "            header",
                "                rsn: 3", "                dmaster: 1",
                "                reserved: 0", "                flags: -",
                "            value: 1 bytes: 03 |.|",
            ])
        #expect(read[2].fields.lines("").last == "            data: 0 bytes")
    }

    @Test func answersOfRecoveryDaemonsAreTypedByTheirQuestions() throws {
        let message = SrvIDMessage(pnn: PNN(rawValue: 0), replyTo: Self.ownSrvID)
        let disable = DisableMessage(
            pnn: PNN(rawValue: 0), replyTo: Self.ownSrvID, timeoutSeconds: 5)
        let cases: [(MessagePayload, MessageAnswer)] = [
            (.takeoverRun(message), .status(2)), (.disableTakeoverRuns(disable), .status(0)),
            (.disableRecoveries(disable), .status(-1)), (.memoryDump(message), .memoryDump([65])),
        ]
        for (payload, answer) in cases {
            let read = try Self.conversation(
                .requestMessage(try payload.encode(layout: little64)),
                [Self.message(Self.ownSrvID, try answer.encode(layout: little64))])
            #expect(read[1].payload == .answer(answer))
        }
    }

    @Test func aFetchedRecordHasItsHeader() throws {
        let fetched = ReplyCall(status: 0, data: Self.record.data)
        for function in [RequestCall.fetchFunction, RequestCall.fetchWithHeaderFunction] {
            let call = RequestCall(
                flags: [], database: DatabaseID(rawValue: 7), function: function, hopCount: 0,
                key: [1, 2], data: [])
            let read = try Self.conversation(
                .requestCall(call),
                [.replyCall(fetched), .replyCall(ReplyCall(status: 0, data: [1]))])
            let isTyped = function == RequestCall.fetchWithHeaderFunction
            let header = RecordHeader(rsn: RSN(rawValue: 3), dmaster: PNN(rawValue: 1))
            #expect(read[1].payload == (isTyped ? .fetched(header, value: [3]) : .none))
            #expect(read[2].payload == .none)
        }
    }

    @Test func theSrvIDsThatAreRememberedAreBounded() throws {
        var packets: [(Endpoint, Endpoint, LegacyPacket)] = []
        for number in UInt64(1)...5_000 {
            let message = SrvIDMessage(pnn: PNN(rawValue: 0), replyTo: SrvID(rawValue: number))
            let body = try MessagePayload.takeoverRun(message).encode(layout: little64)
            packets.append((Self.clientA, Self.daemon, Self.packet(0, 0, 5, .requestMessage(body))))
        }
        for number in [UInt64(1), 5_000] {
            let answer = Self.message(SrvID(rawValue: number), [1, 0, 0, 0])
            packets.append((Self.daemon, Self.clientA, Self.packet(0, 0, 5, answer)))
        }
        let read = try Self.sightings(packets)
        #expect(read[5_000].payload == .opaque([1, 0, 0, 0]))
        #expect(read[5_001].payload == .answer(.status(1)))
    }
}
