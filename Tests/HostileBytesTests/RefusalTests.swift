// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import PeerWire
import Testing
import Vocabulary

/// No packet is written that hurts a ctdbd which does not look.
@Suite struct RefusalTests {
    /// The 32-bit numbers of a packet.
    private func numbers(_ body: LegacyPacket.Body) throws -> [Int] {
        let bytes = try LegacyPacket(
            destination: PNN(rawValue: 1), reqid: Reqid(rawValue: 1), body: body
        ).encode(layout: layout)
        #expect(bytes.count % 8 == 0)
        return stride(from: 0, to: bytes.count, by: 4).map { offset in
            var reader = layout.reader(over: bytes[offset...])
            return Int((try? reader.readUInt32("number", of: "RefusalTests")) ?? 0)
        } + [bytes.count]
    }

    @Test("lengths follow from the values, and are within the packet")
    func lengths() throws {
        for count in [0, 1, 7, 8, 100] {
            let data = [UInt8](repeating: 9, count: count)[...]
            let call = RequestCall(
                flags: [], database: database, function: 1, hopCount: 0, key: key, data: data)
            let dmaster = RequestDmaster(
                database: database, rsn: RSN(rawValue: 1), dmaster: PNN(rawValue: 2), key: key,
                data: data, recordFlags: 0)
            let owner = ReplyDmaster(
                database: database, rsn: RSN(rawValue: 1), key: key, data: data, recordFlags: 0)
            let bodies: [(LegacyPacket.Body, fixed: Int, counts: [Int])] = [
                (.requestCall(call), 56, [48, 52]),
                (.replyCall(ReplyCall(status: 0, data: data)), 40, [36]),
                (.requestDmaster(dmaster), 60, [52, 56]), (.replyDmaster(owner), 56, [48, 52]),
                (.replyError(ReplyError(status: 1, message: data)), 40, [36]),
                (.requestMessage(RequestMessage(srvid: .leader, data: data)), 44, [40]),
                (.requestControl(RequestControl(opcode: .ping, data: data)), 60, [56]),
                (.replyControl(ReplyControl(status: 0, data: data, error: key)), 44, [36, 40]),
                (.requestTunnel(RequestTunnel(tunnel: 1, flags: [], data: data)), 48, [44]),
            ]
            for (body, fixed, counts) in bodies {
                let numbers = try numbers(body)
                #expect(numbers[0] == numbers.last)
                let inside = counts.reduce(0) { $0 + numbers[$1 / 4] }
                #expect(fixed + inside <= numbers[0] && fixed < numbers[0], "\(body)")
                #expect(numbers[(counts.first ?? 0) / 4] > 0 || count == 0)
            }
        }
    }

    @Test("a sign of life is not written, whatever it is called")
    func keepalives() {
        let life = RequestKeepalive(version: 0x0004_0011, uptimeSeconds: 9)
        for body in [
            LegacyPacket.Body.requestKeepalive(life), .shortKeepalive([]),
            .shortKeepalive([1, 2, 3, 4, 5, 6, 7]), .unknown(operation: 9, bytes: []),
            .unknown(operation: 9, bytes: [1, 2, 3, 4, 5, 6, 7, 8]),
        ] {
            #expect(throws: WireError.self, "\(body)") { try numbers(body) }
        }
    }

    @Test("a body of bytes is not written as an operation that has fields", arguments: 0..<11)
    func disguises(operation: UInt32) {
        guard operation != 6 else { return }
        for count in [0, 8, 16, 64] {
            let bytes = [UInt8](repeating: 0xFF, count: count)[...]
            #expect(throws: WireError.self) {
                try numbers(.unknown(operation: operation, bytes: bytes))
            }
        }
    }

    @Test("what 32 bits cannot count is refused, not cut off")
    func sums() throws {
        // Each piece is the same memory.
        let piece = [UInt8](repeating: 0, count: 1 << 20)[...]
        for count in [4_095, 4_096, 8_192] {
            #expect(throws: WireError.self, "\(count) MiB") {
                try RequestMessage.encodePieces(
                    srvid: .leader, data: Array(repeating: piece, count: count),
                    destination: PNN(rawValue: 1), limit: count == 4_095 ? 1 << 31 : .max)
            }
        }
        #expect(throws: WireError.self) {
            try LegacyPacket(
                destination: PNN(rawValue: 1), reqid: Reqid(rawValue: 1),
                body: .requestMessage(RequestMessage(srvid: .leader, data: piece))
            ).encode(layout: layout, limit: piece.count)
        }
    }

    @Test("records carry the length of their parts, and are counted")
    func records() throws {
        let records = (0..<5).map { RecordData(key: key, data: data.prefix($0)) }
        let buffer = RecordBuffer(database: database, records: records)
        let bytes = try buffer.encoded(layout: layout)
        #expect(bytes.count == buffer.byteCount(layout: layout))
        #expect(try RecordBuffer.decode(bytes[...], layout: layout) == buffer)
    }

    @Test("a string with a NUL inside, or one that its array cannot hold")
    func strings() {
        let long = String(repeating: "x", count: 600)
        let values: [any LegacyCoding] = [
            NetworkInterface(name: long, linkState: 1, references: 1),
            NetworkInterface(name: "a\0b", linkState: 1, references: 1),
            TunableNames(text: "a\0b"), Tunable(value: 1, name: "a\0b"),
            EventRunRequest(
                component: "a\0b", event: "x", arguments: nil, timeoutSeconds: 1, flags: 0),
            EventScriptResult(
                name: "x", begin: Timeval(seconds: 0, microseconds: 0),
                end: Timeval(seconds: 0, microseconds: 0), result: 0, output: "a\0b"),
        ]
        for value in values {
            #expect(throws: WireError.self, "\(value)") { try value.encoded(layout: layout) }
        }
        #expect(throws: WireError.self) {
            try ControlRequest.attachDatabase(name: "a\0b", .volatile).encode(layout: layout)
        }
        #expect(throws: WireError.self) {
            try MessagePayload.releaseIP("a\0b").encode(layout: layout)
        }
    }

    @Test("a list over the limit of the new protocol")
    func peerLists() {
        let counter = Counter(name: "a", value: 1)
        let many = CountersReply(
            counters: Array(repeating: counter, count: Int(PeerProtocol.countersLimit) + 1))
        #expect(throws: WireError.self) { try many.encoded() }
        let long = String(repeating: "x", count: Int(PeerProtocol.streamNameLimit) + 1)
        #expect(throws: WireError.self) { try StreamOpen(name: long, credit: 1).encoded() }
    }

    @Test("what is answered with data is not written as a failure, or the other way round")
    func statuses() {
        for reply in [
            ControlReply.failed(status: 0, reason: "done"), .pnn(.unknown),
            .clientCount(0x8000_0000),
        ] {
            #expect(throws: WireError.self, "\(reply)") { try reply.encode(layout: layout) }
        }
    }
}
