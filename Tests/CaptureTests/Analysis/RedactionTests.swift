// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import LegacyWire
import PeerWire
import Testing
import Vocabulary

@Suite struct RedactionTests {
    private let redaction = Redaction(key: (1, 2))

    /// The vectors of the paper: a key of 0 to 15, and inputs of as many bytes.
    @Test func theHashIsThatOfThePaper() {
        let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
        #expect(SipHash.hash([UInt8](), key: key) == 0x726F_DB47_DD0E_0E31)
        #expect(SipHash.hash([0], key: key) == 0x74F8_39C5_93DC_67FD)
        #expect(SipHash.hash(Array(0..<15), key: key) == 0xA129_CA61_49BE_45E5)
    }

    /// What a redacted packet is, read again.
    private func redacted(_ sighting: Sighting) throws -> LegacySighting {
        guard case .legacy(let before) = sighting.content else { throw RedactionTrouble() }
        let bytes = try #require(redaction.redacted(sighting))
        #expect(bytes.count == before.bytes.count)
        return LegacySighting(
            bytes: bytes[...], layout: before.layout,
            packet: try LegacyPacket.decode(bytes[...], layout: before.layout),
            request: before.request)
    }

    @Test func keysAreReplacedTheSameByTheSame() throws {
        let all = try MadeUp.sightings([
            (MadeUp.call("secret", "x"), false, 1), (MadeUp.call("secret"), false, 2),
            (MadeUp.call("other!"), false, 3),
        ])
        var keys: [[UInt8]] = []
        for sighting in all {
            guard case .requestCall(let call) = try redacted(sighting).packet.body else {
                throw RedactionTrouble()
            }
            #expect(call.database == MadeUp.database)
            keys.append(Array(call.key))
        }
        #expect(keys[0] == keys[1])
        #expect(keys[0] != keys[2])
        #expect(keys[0].count == 6)
        #expect(keys[0] != Array("secret".utf8))
        let other = Redaction(key: (1, 3))
        #expect(other.redacted(all[0]) != redaction.redacted(all[0]))
    }

    @Test func headersOfRecordsStay() throws {
        let header = RecordHeader(rsn: RSN(rawValue: 77), dmaster: PNN(rawValue: 1))
        let record = RecordData(
            header: header, key: Array("key".utf8)[...], value: Array("value".utf8)[...],
            layout: little64)
        let buffer = RecordBuffer(database: MadeUp.database, records: [record])
        let all = try MadeUp.sightings([
            (try MadeUp.request(.trans3Commit(buffer)), false, 1),
            (try MadeUp.request(.updateRecord(buffer)), false, 2),
        ])
        for sighting in all {
            let packet = try redacted(sighting)
            let request: ControlRequest
            guard case .request(let found) = packet.payload else { throw RedactionTrouble() }
            request = found
            guard
                let found = { () -> RecordBuffer? in
                    switch request {
                    case .trans3Commit(let buffer), .updateRecord(let buffer): buffer
                    default: nil
                    }
                }(), let first = found.records.first
            else { throw RedactionTrouble() }
            let (kept, value) = try first.split(layout: little64)
            #expect(kept == header)
            #expect(value.count == 5)
            #expect(!value.elementsEqual("value".utf8))
            #expect(!first.key.elementsEqual("key".utf8))
        }
    }

    /// A result that fetched a record, and a message with one that a traversal has found.
    @Test func headersOfRecordsThatWereAskedForStay() throws {
        let header = RecordHeader(rsn: RSN(rawValue: 77), dmaster: PNN(rawValue: 1))
        let record = RecordData(
            header: header, key: Array("key".utf8)[...], value: Array("value".utf8)[...],
            layout: little64)
        let call = SeenRequest(
            number: 1, time: nil, operation: .requestCall, opcode: nil,
            function: RequestCall.fetchWithHeaderFunction, srvid: nil, database: nil)
        let message = RequestMessage(
            srvid: SrvID(rawValue: 7), data: try record.encoded(layout: little64)[...])
        let bodies: [LegacyPacket.Body] = [
            .replyCall(ReplyCall(status: 0, data: record.data)), .requestMessage(message),
        ]
        for body in bodies {
            let bytes = try LegacyPacket(
                destination: PNN(rawValue: 1), reqid: Reqid(rawValue: 5), body: body
            ).encode(layout: little64)
            var legacy = LegacySighting(
                bytes: bytes[...], layout: little64,
                packet: try LegacyPacket.decode(bytes[...], layout: little64), request: call,
                question: .traversal)
            let redacted = try #require(
                redaction.redacted(Sighting(number: 2, time: nil, content: .legacy(legacy))))
            legacy.packet = try LegacyPacket.decode(redacted[...], layout: little64)
            switch legacy.payload {
            case .fetched(header, let value):
                #expect(value.count == 5 && !value.elementsEqual("value".utf8))
            case .answer(.traversed(let found)):
                let (kept, value) = try found.split(layout: little64)
                #expect(kept == header && !value.elementsEqual("value".utf8))
                #expect(found.key.count == 3 && !found.key.elementsEqual("key".utf8))
            default: Issue.record("\(legacy.payload)")
            }
        }
    }

    @Test func whatIsNobodysStays() throws {
        let all = try MadeUp.sightings([
            (try MadeUp.request(.getTunable(name: "MonitorInterval")), false, 1),
            (try MadeUp.reply(.tunable(15)), true, 1),
            (MadeUp.call("__db_sequence_number__"), false, 2),
        ])
        for sighting in all {
            guard case .legacy(let legacy) = sighting.content else { throw RedactionTrouble() }
            #expect(redaction.redacted(sighting) == Array(legacy.bytes))
        }
    }

    @Test func messagesOfProgramsAreReplaced() throws {
        let text = Array("what smbd says".utf8)
        let all = try MadeUp.sightings([(MadeUp.message(SrvID(rawValue: 7), text), false, 0)])
        guard case .requestMessage(let message) = try redacted(all[0]).packet.body else {
            throw RedactionTrouble()
        }
        #expect(message.data.count == text.count)
        #expect(!message.data.elementsEqual(text))
    }

    @Test func framesOfTheNewProtocolKeepRightChecksums() throws {
        let payload = Array("a payload".utf8)
        let end = Address(
            node: PNN(rawValue: 1), service: .proxy, instance: Instance(rawValue: 5))
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: .message, flags: 0, procedure: 9,
            source: end, destination: end, packetID: 3, replyTo: 0, deadlineMilliseconds: 0,
            payloadLength: 0, fragmentOffset: 0, messageLength: UInt32(payload.count))
        let packet = Packet.encode(header, payload: payload[...])
        let front = Frame.encodeFront(
            header: FrameHeader(
                magic: 0, checksum: 0, protocolVersion: PeerProtocol.currentVersion, flags: 0,
                sender: end, receiver: end, epoch: 1, acknowledgedEpoch: 0, sequence: 1,
                acknowledged: 0, packetBytes: 0, outcomeCount: 0),
            body: .outcomes([]), packetByteCount: packet.count, room: packet.count)
        let all = try MadeUp.sightings([
            (MadeUp.message(.tunnelNewProtocol, front + packet), false, 0)
        ])
        guard case .frame(let frame) = try redacted(all[0]).payload else {
            throw RedactionTrouble()
        }
        let found = try #require(frame.packets.first)
        try found.verify()
        #expect(found.header.procedure == 9)
        #expect(found.payload.count == payload.count)
        #expect(!found.payload.elementsEqual(payload))
    }
}

private struct RedactionTrouble: Error {}
