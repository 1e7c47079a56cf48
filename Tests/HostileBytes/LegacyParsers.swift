// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Vocabulary

extension Parser {
    /// Those of the old protocol.
    static let legacy: [Parser] = [
        packets, framing, controlRequests, controlReplies, messages, eventRequests, eventReplies,
        eventFraming,
    ]

    /// The place of the usual layout among all, which a script begins with.
    static let little64 = UInt8(
        LegacyLayout.all.firstIndex(
            of: LegacyLayout(byteOrder: .little, wordSize: .bits64)) ?? 0)

    /// Whole packets, in the byte order that they are written in and both word sizes.
    static let packets = Parser(
        "legacy-packet",
        seeds: { fixtures in
            fixtures.filter(\.isLegacyPacket).map(\.bytes)
        },
        decode: { input -> [LegacyPacket]? in
            guard let detected = LegacyLayout.detected(in: input) else { return nil }
            return try LegacyLayout.WordSize.allCases.map { wordSize in
                try LegacyPacket.decode(
                    input,
                    layout: LegacyLayout(byteOrder: detected.byteOrder, wordSize: wordSize))
            }
        },
        check: { packets, input in
            guard let detected = LegacyLayout.detected(in: input) else { return nil }
            for (packet, wordSize) in zip(packets, LegacyLayout.WordSize.allCases) {
                let layout = LegacyLayout(byteOrder: detected.byteOrder, wordSize: wordSize)
                if let complaint = try check(packet, of: input, layout: layout) {
                    return complaint
                }
            }
            return nil
        })

    private static func check(
        _ packet: LegacyPacket, of input: ArraySlice<UInt8>, layout: LegacyLayout
    ) throws -> String? {
        let written = try packet.encodeAsSeen(layout: layout)
        switch packet.body {
        case .unknown(_, let bytes), .shortKeepalive(let bytes):
            // Padding changes it.
            guard bytes.count % LegacyPacket.alignment == 0 else { break }
            fallthrough
        default:
            guard try LegacyPacket.decode(written[...], layout: layout) == packet else {
                return "another packet when written and read again"
            }
        }
        guard written.count <= input.count + 15 else { return "longer when written" }
        let whole = try WholePacket.decode(input, layout: layout)
        guard try whole.encode(layout: layout).elementsEqual(input) else {
            return "other bytes when read as a whole and written"
        }
        return nil
    }

    /// Streams of packets that come in pieces.
    static let framing = Parser(
        "legacy-framing", allowance: Allowance(perByte: 4, constant: 16_384),
        seeds: { fixtures in
            let all = fixtures.filter(\.isLegacyPacket).map(\.bytes)
            return stride(from: 0, to: all.count, by: 8).map { start in
                [little64, 37] + all[start..<min(start + 8, all.count)].joined()
            }
        },
        decode: { input -> Int? in
            var script = Script(input)
            let layout = try script.layout()
            let size = max(1, Int(try script.byte()))
            let stream = try script.rest()
            var framer = PacketFramer(layout: layout)
            var taken = 0
            for start in stride(from: stream.startIndex, to: stream.endIndex, by: size) {
                framer.append(stream[start..<min(start + size, stream.endIndex)])
                while let packet = try framer.next() { taken += packet.count }
            }
            return taken + framer.bufferedByteCount
        },
        check: { count, input in
            count == input.count - 2 ? nil : "\(count) bytes of \(input.count - 2)"
        })

    /// The data of controls: a layout, an opcode, a srvid, the data.
    static let controlRequests = Parser(
        "control-request",
        seeds: { fixtures in
            fixtures.compactMap { fixture in
                guard case .requestControl(let control) = body(of: fixture) else { return nil }
                return ByteWriter.script {
                    $0.write(little64)
                    $0.write(control.opcode.rawValue)
                    $0.write(control.srvid.rawValue)
                    $0.write(contentsOf: control.data)
                }
            }
        },
        decode: { input -> ControlRequest? in
            let (control, layout) = try control(input)
            return try ControlRequest.decode(from: control, layout: layout)
        },
        check: { request, input in
            let (control, layout) = try control(input)
            let written = try request.encode(layout: layout)
            guard try ControlRequest.decode(from: written, layout: layout) == request else {
                return "another control when written and read again"
            }
            return written.data.count <= control.data.count + 1 ? nil : "longer when written"
        })

    private static func control(
        _ input: ArraySlice<UInt8>
    ) throws -> (RequestControl, LegacyLayout) {
        var script = Script(input)
        let layout = try script.layout()
        let opcode = ControlOpcode(rawValue: try script.word() % 256)
        let srvid = SrvID(rawValue: try script.long())
        return (RequestControl(opcode: opcode, srvid: srvid, data: try script.rest()), layout)
    }

    /// The data of results: a layout, the opcode of the question, the status, the data.
    static let controlReplies = Parser(
        "control-reply",
        seeds: { fixtures in
            fixtures.compactMap { fixture in
                guard case .replyControl(let reply) = body(of: fixture), let opcode = fixture.opcode
                else { return nil }
                return ByteWriter.script {
                    $0.write(little64)
                    $0.write(opcode)
                    $0.write(reply.status)
                    $0.write(contentsOf: reply.data)
                }
            }
        },
        decode: { input -> ControlReply? in
            let (reply, opcode, layout) = try reply(input)
            return try ControlReply.decode(from: reply, to: opcode, layout: layout)
        },
        check: { reply, input in
            let (body, opcode, layout) = try Self.reply(input)
            let written = try reply.encode(layout: layout)
            guard try ControlReply.decode(from: written, to: opcode, layout: layout) == reply
            else { return "another result when written and read again" }
            return written.data.count <= body.data.count + 1 ? nil : "longer when written"
        })

    private static func reply(
        _ input: ArraySlice<UInt8>
    ) throws -> (ReplyControl, ControlOpcode, LegacyLayout) {
        var script = Script(input)
        let layout = try script.layout()
        let opcode = ControlOpcode(rawValue: try script.word() % 256)
        let status = Int32(bitPattern: try script.word())
        return (ReplyControl(status: status, data: try script.rest()), opcode, layout)
    }

    /// The data of messages, of answers to some, and values that no packet says it has: a layout,
    /// a srvid, what it may answer, the data.
    static let messages = Parser(
        "message",
        seeds: { fixtures in
            fixtures.compactMap { fixture in
                guard case .requestMessage(let message) = body(of: fixture) else { return nil }
                return ByteWriter.script {
                    $0.write(little64)
                    $0.write(message.srvid.rawValue)
                    $0.write(UInt8(0))
                    $0.write(contentsOf: message.data)
                }
            } + made
        },
        decode: { input -> Said? in try said(input) },
        check: { said, input in
            var script = Script(input)
            let layout = try script.layout()
            let written = try said.written(layout: layout)
            let again = Array(input.prefix(10)) + written
            guard try Self.said(again[...]) == said else {
                return "another message when written and read again"
            }
            // No data is an empty list of scripts, which is written with its count.
            return again.count <= input.count + 8 ? nil : "longer when written"
        })

    /// Packets to the event daemon.
    static let eventRequests = events("event-request", EventRequest.self)
    /// Packets from the event daemon.
    static let eventReplies = events("event-reply", EventReply.self)

    private static func events<Body: LegacyCoding & Hashable>(
        _ name: String, _ type: Body.Type
    ) -> Parser {
        Parser(
            name,
            seeds: { fixtures in
                fixtures.filter { $0.name.contains("event/" + name.dropFirst(6)) }.map {
                    [little64] + $0.bytes
                }
            },
            decode: { input -> EventPacket<Body>? in
                var script = Script(input)
                let layout = try script.layout()
                return try EventPacket<Body>.decode(try script.rest(), layout: layout)
            },
            check: { packet, input in
                var script = Script(input)
                let layout = try script.layout()
                let written = try packet.encode(layout: layout)
                guard try EventPacket<Body>.decode(written[...], layout: layout) == packet else {
                    return "another packet when written and read again"
                }
                return written.count <= input.count + 3 * 1_024 ? nil : "longer when written"
            })
    }

    /// Streams of packets of the event daemon that come in pieces.
    static let eventFraming = Parser(
        "event-framing", allowance: Allowance(perByte: 4, constant: 16_384),
        seeds: { fixtures in
            [[little64, 11] + fixtures.filter { $0.name.contains("event/") }.flatMap(\.bytes)]
        },
        decode: { input -> Int? in
            var script = Script(input)
            let layout = try script.layout()
            let size = max(1, Int(try script.byte()))
            let stream = try script.rest()
            var framer = EventFramer(layout: layout)
            var taken = 0
            for start in stride(from: stream.startIndex, to: stream.endIndex, by: size) {
                framer.append(stream[start..<min(start + size, stream.endIndex)])
                while let packet = try framer.next() { taken += packet.count }
            }
            return taken + framer.pendingByteCount
        },
        check: { count, input in
            count == input.count - 2 ? nil : "\(count) bytes of \(input.count - 2)"
        })

    private static func body(of fixture: Fixture) -> LegacyPacket.Body? {
        let layout = LegacyLayout(byteOrder: .little, wordSize: .bits64)
        return try? LegacyPacket.decode(fixture.bytes[...], layout: layout).body
    }
}
