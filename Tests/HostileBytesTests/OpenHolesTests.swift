// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Inputs of the same class, past whose end ctdbd reads up to its development version.
///
/// They were found by reading. That none is written is in `RefusalTests`.
@Suite struct OpenHolesTests {
    @Test("ctdb_rec_data_pull_data: a record whose length is not that of its parts")
    func recordData() throws {
        let good = Lying(try RecordData(key: key, data: data).encoded(layout: layout))
        let whole = UInt32(good.bytes.count)
        for number in Array(0..<16) + [whole - 1, whole + 1, whole + 8] + lies {
            expectNone(RecordData.self, good.with(number, at: 0), "length \(number)")
        }
    }

    @Test("walkers of records: a count within the bytes, and lengths inside that lie")
    func recordBuffers() throws {
        let record = RecordData(key: key, data: data)
        let buffer = RecordBuffer(database: database, records: [record, record])
        let good = Lying(try buffer.encoded(layout: layout))
        // The length of 0 that has the same record read again and again is the first.
        for (offset, name) in [(8, "length"), (16, "keylen"), (20, "datalen")] {
            for number in [0, 1, 15, 16, 17, 100] + lies {
                let bytes = good.with(number, at: offset)
                expectNone(RecordBuffer.self, bytes, "\(name) \(number)")
                for opcode in [ControlOpcode.updateRecord, .trans3Commit, .tryDeleteRecords] {
                    expectNoRequest(opcode, bytes, "\(opcode) \(name) \(number)")
                }
                let message = MessagePayload.recovery(.recovery, buffer)
                #expect(throws: WireError.self) {
                    try MessagePayload.decode(
                        srvid: message.srvid, data: bytes[...], layout: layout)
                }
            }
        }
    }

    @Test("daemon_request_..._from_client: a client's packet whose inner lengths lie")
    func requestsOfClients() throws {
        let call = RequestCall(
            flags: [], database: database, function: 1, hopCount: 0, key: key, data: data)
        let tunnel = RequestTunnel(tunnel: 7, flags: .request, data: data)
        let message = RequestMessage(srvid: SrvID(rawValue: 7), data: data)
        let control = RequestControl(opcode: .ping, data: data)
        for (body, counts) in [
            (LegacyPacket.Body.requestCall(call), [48, 52]), (.requestMessage(message), [40]),
            (.requestControl(control), [56]), (.requestTunnel(tunnel), [44]),
        ] {
            let good = try Lying(body)
            for offset in counts {
                for number in [64] + lies { expectNoPacket(good.with(number, at: offset)) }
            }
        }
    }

    @Test("ctdb_request_tunnel: shorter than its fixed part, or than its data")
    func requestTunnel() throws {
        let tunnel = RequestTunnel(tunnel: 7, flags: .request, data: data)
        try expectCountsAreChecked(.requestTunnel(tunnel), fixed: 48, counts: [44])
    }

    @Test("ctdb_reply_error: a message longer than the packet, or without a NUL")
    func replyError() throws {
        let error = ReplyError(status: -1, message: data)
        try expectCountsAreChecked(.replyError(error), fixed: 40, counts: [36])
        #expect(error.text == "some data")
        #expect(ReplyError(status: -1, message: [65, 0, 66]).text == "A")
    }

    @Test("ctdb_request_keepalive: 32 to 39 bytes are read as what they are", arguments: 32..<40)
    func requestKeepalive(count: Int) throws {
        let good = try Lying(
            .requestKeepalive(RequestKeepalive(version: 0x0004_0011, uptimeSeconds: 9)))
        let short = good.cut(to: count)
        let packet = try LegacyPacket.decode(short[...], layout: layout)
        #expect(packet.body == .shortKeepalive(short[32...]))
    }

    @Test("ctdb_event_script_list_pull: more scripts than bytes")
    func eventScripts() throws {
        let time = Timeval(seconds: 1, microseconds: 2)
        let status = EventStatus(
            summary: 0,
            scripts: [
                EventScriptResult(name: "a", begin: time, end: time, result: 0, output: nil)
            ])
        try expectCountIsChecked(of: status, at: 4, count: 1)
        let body = EventPacket(reqid: Reqid(rawValue: 1), body: EventReply.status(status))
        let good = Lying(try body.encode(layout: layout))
        for number in [2] + lies {
            #expect(throws: WireError.self) {
                try EventPacket<EventReply>.decode(
                    good.with(number, at: 24)[...], layout: layout)
            }
        }
    }

    @Test("ctdb_tcp_read_cb: lengths that are not padded, another magic number or version")
    func nodePackets() throws {
        let good = try Lying(.replyControl(ReplyControl(status: 0, data: data)))
        for count in 1..<8 {
            var framer = PacketFramer(layout: layout, alignment: .eight)
            framer.append(good.cut(to: good.bytes.count - count))
            #expect(throws: WireError.self) { try framer.next() }
        }
        for offset in [4, 8] {
            for number in [0, 2] + lies { expectNoPacket(good.with(number, at: offset)) }
        }
    }

    @Test("queue_process: lengths of 0 to 31", arguments: 0..<32)
    func shortLengths(length: UInt32) throws {
        let bytes = try Lying(.replyControl(ReplyControl(status: 0))).with(length, at: 0)
        expectNoPacket(bytes)
        var framer = PacketFramer(layout: layout)
        framer.append(bytes)
        #expect(throws: WireError.self) { try framer.next() }
    }

    @Test("ctdb_control_register_notify: shorter than its srvid")
    func registerNotify() throws {
        let good = NotifyRegistration(srvid: SrvID(rawValue: 7), data: data)
        let bytes = try good.encoded(layout: layout)
        for count in 0..<bytes.count {
            expectNoRequest(.registerNotify, Array(bytes.prefix(count)), "\(count) bytes")
        }
        for count in 0..<8 {
            expectNoRequest(.deregisterNotify, Array(bytes.prefix(count)), "\(count) bytes")
        }
    }
}
