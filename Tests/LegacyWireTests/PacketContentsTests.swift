// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct PacketContentsTests {
    static let reply = LegacyPacket.Body.replyControl(ReplyControl(status: 3))

    @Test func aResultNeedsItsQuestion() throws {
        let reply = packet(Self.reply)
        #expect(reply.contents(layout: little64) == .unpairedReply(ReplyControl(status: 3)))
        #expect(
            reply.contents(answering: .control(.getPNN), layout: little64)
                == .replyControl(.pnn(PNN(rawValue: 3)), to: .getPNN))
        // A question of another kind is none.
        #expect(
            reply.contents(answering: .call(function: 1), layout: little64)
                == .unpairedReply(ReplyControl(status: 3)))
    }

    @Test func questionsAreToldByThePacketsThatAsk() throws {
        let ask = packet(.requestControl(try ControlRequest.getPNN.encode(layout: little64)))
            .contents(layout: little64)
        #expect(ask.question == .control(.getPNN) && ask.expected == nil)
        let call = RequestCall(
            flags: [], database: Sample.database, function: RequestCall.fetchWithHeaderFunction,
            hopCount: 0, key: Sample.key, data: [])
        #expect(
            PacketContents(.requestCall(call), layout: little64).question
                == .call(function: RequestCall.fetchWithHeaderFunction))
        #expect(packet(Self.reply).contents(layout: little64).question == nil)
        // A control whose data cannot be read is answered all the same.
        let short = PacketContents(
            .requestControl(RequestControl(opcode: .setTunable)), layout: little64)
        #expect(short.question == .control(.setTunable))
    }

    @Test func answersAtASrvIDAreToldByTheMessagesThatNameIt() throws {
        let replyTo = Sample.srvid
        let message = SrvIDMessage(pnn: PNN(rawValue: 1), replyTo: replyTo)
        let disable = DisableMessage(pnn: PNN(rawValue: 1), replyTo: replyTo, timeoutSeconds: 5)
        let cases: [(MessagePayload, SrvID, [UInt8], MessageAnswer)] = [
            (.takeoverRun(message), .takeoverRun, [2, 0, 0, 0], .status(2)),
            (
                .disableTakeoverRuns(disable), .disableTakeoverRuns, [0xFF, 0xFF, 0xFF, 0xFF],
                .status(-1)
            ),
            (.disableRecoveries(disable), .disableRecoveries, [0, 0, 0, 0], .status(0)),
            (.memoryDump(message), .memoryDump, [65, 66], .memoryDump([65, 66])),
        ]
        for (payload, asked, data, answer) in cases {
            let contents = PacketContents.message(payload)
            let expected = try #require(contents.expected)
            #expect(expected.srvid == replyTo && expected.question == .srvid(.message(asked)))
            let body = LegacyPacket.Body.requestMessage(
                RequestMessage(srvid: replyTo, data: data[...]))
            let read = PacketContents(body, answering: expected.question, layout: little64)
            #expect(read == .answer(replyTo, answer))
            #expect(try read.body(layout: little64) == body)
        }
        let silent = SrvIDMessage(pnn: PNN(rawValue: 1), replyTo: SrvID(rawValue: 0))
        #expect(PacketContents.message(.takeoverRun(silent)).expected == nil)
    }

    @Test func aTraversalNamesWhereItsRecordsCome() throws {
        let start = TraverseStart(
            database: Sample.database, reqid: Reqid(rawValue: 7), srvid: Sample.srvid)
        let contents = PacketContents.requestControl(.traverseStart(start), .init())
        let expected = try #require(contents.expected)
        #expect(expected.srvid == Sample.srvid && expected.question == .srvid(.traversal))
        let record = RecordData(reqid: 7, key: Sample.key, data: Sample.value)
        let body = LegacyPacket.Body.requestMessage(
            RequestMessage(
                srvid: Sample.srvid, data: try record.encoded(layout: little64)[...]))
        #expect(
            PacketContents(body, answering: expected.question, layout: little64)
                == .answer(Sample.srvid, .traversed(record)))
    }

    @Test(arguments: LegacyLayout.all)
    func aFetchedRecordHasItsHeader(layout: LegacyLayout) throws {
        let record = RecordData(
            header: Sample.header, key: [], value: Sample.value, layout: layout)
        let body = LegacyPacket.Body.replyCall(ReplyCall(status: 0, data: record.data))
        let fetch = PacketContents.Question.call(function: RequestCall.fetchWithHeaderFunction)
        let contents = PacketContents(body, answering: fetch, layout: layout)
        #expect(
            contents == .fetched(status: 0, header: Sample.header, value: Sample.value))
        #expect(try contents.body(layout: layout) == body)
        let failed = LegacyPacket.Body.replyCall(ReplyCall(status: -1, data: []))
        #expect(
            PacketContents(failed, answering: fetch, layout: layout)
                == .replyCall(ReplyCall(status: -1, data: [])))
        let short = LegacyPacket.Body.replyCall(ReplyCall(status: 0, data: [1, 2, 3]))
        guard case .unreadable(short, _) = PacketContents(short, answering: fetch, layout: layout)
        else {
            Issue.record("half a header was read")
            return
        }
    }

    @Test func whatCannotBeReadKeepsItsBytesAndTheReason() throws {
        let body = LegacyPacket.Body.requestMessage(
            RequestMessage(srvid: .leader, data: [1, 2, 3]))
        let contents = packet(body).contents(layout: little64)
        guard case .unreadable(let kept, let error) = contents else {
            Issue.record("it was read: \(contents)")
            return
        }
        #expect(kept == body)
        #expect(error.code == .truncated(needed: 4, available: 3))
        #expect(try contents.body(layout: little64) == body)
    }

    @Test func theEnvelopeOfAControlIsKept() throws {
        let control = RequestControl(
            opcode: .ping, srvid: Sample.srvid, clientID: 9, flags: .noReply)
        let contents = PacketContents(.requestControl(control), layout: little64)
        #expect(
            contents
                == .requestControl(
                    .ping, .init(srvid: Sample.srvid, clientID: 9, flags: .noReply)))
        #expect(try contents.body(layout: little64) == .requestControl(control))
    }

    @Test func theOrderOfBytesIsDetected() throws {
        for order in ByteOrder.allCases {
            let layout = LegacyLayout(byteOrder: order, wordSize: .bits64)
            let input = try packet(Self.reply).encode(layout: layout)
            #expect(LegacyLayout.detected(in: input[...], wordSize: .bits64) == layout)
            let other = LegacyLayout(
                byteOrder: order == .big ? .little : .big, wordSize: .bits64)
            let wrong = WireError(
                code: .otherByteOrder, type: "PacketHeader", field: "magic", offset: 4)
            #expect(throws: wrong) { try LegacyPacket.decode(input[...], layout: other) }
            var framer = PacketFramer(layout: other)
            framer.append(input)
            #expect(
                throws: WireError(
                    code: .otherByteOrder, type: "PacketFramer", field: "magic", offset: 4)
            ) { try framer.next() }
        }
        #expect(LegacyLayout.detected(in: [0, 0, 0, 40]) == nil)
        #expect(LegacyLayout.detected(in: [0, 0, 0, 40, 1, 2, 3, 4]) == nil)
    }
}
