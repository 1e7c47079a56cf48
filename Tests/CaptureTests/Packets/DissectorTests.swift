// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import Foundation
import LegacyWire
import PeerWire
import Testing
import Vocabulary

/// Wireshark reads the new protocol with the dissector that is generated for it.
@Suite struct DissectorTests {
    static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Sources/PeerWire/Wireshark/tablecloth.lua").path

    private static func address(_ node: UInt32, _ service: Service) -> Address {
        Address(node: PNN(rawValue: node), service: service, instance: Instance(rawValue: 99))
    }

    private static func header(_ sequence: UInt64, flags: UInt32 = 0) -> FrameHeader {
        FrameHeader(
            magic: 0, checksum: 0, protocolVersion: PeerProtocol.currentVersion, flags: flags,
            sender: address(0, .proxy), receiver: address(1, .proxy), epoch: 3,
            acknowledgedEpoch: 2, sequence: sequence, acknowledged: 7, packetBytes: 0,
            outcomeCount: 0)
    }

    /// A hello, outcomes, packets of both ends of a stream, and a refusal.
    static let frames: [[UInt8]] = {
        let hello = Frame.encodeFront(
            header: header(0, flags: PeerProtocol.frameHello),
            body: .hello(
                Hello(
                    versionMinimum: 1, versionMaximum: 2, features: 3, nonce: 4, echo: 5,
                    frameLimit: 6, software: "test 1.0")), packetByteCount: 0, room: 0)
        func packet(_ kind: PacketKind, _ id: UInt64, _ payload: [UInt8]) -> [UInt8] {
            Packet.encode(
                PacketHeader(
                    magic: 0, checksum: 0, protocolVersion: 0, kind: kind, flags: 0,
                    procedure: UInt32(id) + 1000, source: address(0, .event),
                    destination: address(1, .client), packetID: id, replyTo: 0,
                    deadlineMilliseconds: 0, payloadLength: 0, fragmentOffset: 0,
                    messageLength: UInt32(payload.count)), payload: payload[...])
        }
        let refusal = (try? Refusal(code: .failed, text: "it did not work").encoded()) ?? []
        let open = (try? StreamOpen(name: "records", credit: 17).encoded()) ?? []
        let packets =
            packet(.request, 1, [1, 2, 3, 4, 5]) + packet(.refusal, 2, refusal)
            + packet(.streamOpen, 3, open)
        let outcome = Outcome(
            source: address(0, .event), destination: address(1, .client), lane: 1,
            code: .queueFull, packetID: 12, reporter: PNN(rawValue: 1), flags: 0)
        let whole =
            Frame.encodeFront(
                header: header(5), body: .outcomes([outcome]), packetByteCount: packets.count,
                room: packets.count) + packets
        return [hello, whole]
    }()

    /// The frames inside of messages, as nodes send them, with one that is none between them.
    private static func messages() throws -> [[UInt8]] {
        try frames.enumerated().flatMap { index, frame in
            try [(SrvID.tunnelNewProtocol, frame), (SrvID(rawValue: 7), frame)].map { srvid, data in
                try LegacyPacket(
                    destination: PNN(rawValue: 1), source: PNN(rawValue: 0),
                    reqid: Reqid(rawValue: UInt32(index)),
                    body: .requestMessage(RequestMessage(srvid: srvid, data: data[...]))
                ).encode(layout: little64)
            }
        }
    }

    private static func datagrams() throws -> [UInt8] {
        var writer = PcapngWriter(CaptureSection(application: "test"))
        let interface = writer.add(CaptureInterface(linkType: .exportedPDU, name: "proxy"))
        for frame in frames {
            let pdu = ExportedPDU(dissector: ExportedPDU.peer, payload: frame[...])
            try writer.add(
                RawPacket(
                    time: CaptureTime(nanoseconds: 1), interface: interface,
                    bytes: pdu.encoded()[...]))
        }
        return writer.take()
    }

    private static let columns = [
        "frame_header.flags", "frame_header.sequence", "frame_header.acknowledged",
        "frame_header.packet_bytes", "hello.nonce", "hello.software", "outcome.code",
        "outcome.packet_id", "packet_header.kind", "packet_header.procedure",
        "packet_header.packet_id", "packet_header.payload_length", "refusal.text",
        "stream_open.name", "stream_open.credit", "payload",
    ]

    /// What the columns have to say of the frames, by our own reading of them.
    private static let wanted = [
        "1|0|7|0|4|test 1.0||||||||||",
        "0|5|7|\(frames[1].count - Int(PeerProtocol.frameHeaderBytes) - Outcome.byteCount)|||7|12"
            + "|2,4,5|1001,1002,1003|1,2,3|5,24,16|it did not work|records|17|0102030405",
    ]

    private static func read(_ bytes: [UInt8]) throws -> [String] {
        let answer = try Tshark.withFile(bytes) { path in
            try Tshark.run(
                path,
                [
                    "-X", "lua_script:\(script)", "-Y", "tablecloth", "-T", "fields", "-E",
                    "separator=|",
                ] + columns.flatMap { ["-e", "tablecloth.\($0)"] })
        }
        #expect(answer.code == 0)
        #expect(!answer.errors.contains("rror"), "\(answer.errors)")
        return answer.lines.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
                cell.split(separator: ",", omittingEmptySubsequences: false)
                    .map { AgreementTests.decimal(String($0)) }.joined(separator: ",")
            }.joined(separator: "|")
        }
    }

    @Test func datagramsAreRead() throws {
        #expect(try Self.read(Self.datagrams()) == Self.wanted)
    }

    @Test(arguments: AgreementTests.Form.allCases)
    func messagesBetweenNodesAreLookedInto(form: AgreementTests.Form) throws {
        let bytes = try AgreementTests.file(try Self.messages(), form)
        #expect(try Self.read(bytes) == Self.wanted)
    }

    @Test func damagedFramesAreSaidToBe() throws {
        var frame = Self.frames[1]
        frame.removeLast(20)
        let pdu = ExportedPDU(dissector: ExportedPDU.peer, payload: frame[...])
        var writer = PcapngWriter(CaptureSection(application: "test"))
        let interface = writer.add(CaptureInterface(linkType: .exportedPDU, name: "proxy"))
        try writer.add(
            RawPacket(
                time: CaptureTime(nanoseconds: 1), interface: interface,
                bytes: pdu.encoded()[...]))
        let answer = try Tshark.withFile(writer.take()) { path in
            try Tshark.run(
                path,
                [
                    "-X", "lua_script:\(Self.script)", "-T", "fields", "-e", "tablecloth.failure",
                    "-e", "tablecloth.frame_header.sequence",
                ])
        }
        #expect(answer.code == 0)
        #expect(answer.output.contains("expected at byte"))
        #expect(answer.output.contains("\t5") || answer.output.contains("\t0x0000000000000005"))
    }
}
