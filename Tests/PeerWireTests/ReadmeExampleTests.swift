// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Checksum
import Foundation
import LegacyWire
import PeerWire
import Testing
import Vocabulary

/// The examples in the protocol's README are what this code writes, byte for byte.
@Suite struct ReadmeExampleTests {
    static let readme = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/PeerWire/README.md")

    static let client = Address(
        node: PNN(rawValue: 0), service: .client, instance: Instance(pid: 4711, number: 9))
    static let echo = Address(
        node: PNN(rawValue: 1), service: .echo, instance: Instance(rawValue: 0))
    static let proxyZero = Address(
        node: PNN(rawValue: 0), service: .proxy,
        instance: Instance(rawValue: 0x1122_3344_5566_7789))
    static let proxyOne = Address(
        node: PNN(rawValue: 1), service: .proxy,
        instance: Instance(rawValue: 0x99AA_BBCC_DDEE_FF01))

    /// A client of node 0 asks the echo service of node 1.
    static let packet = Packet.encode(
        PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: .request, flags: 0, procedure: 1,
            source: client, destination: echo, packetID: 1, replyTo: 0,
            deadlineMilliseconds: 5_000, payloadLength: 0, fragmentOffset: 0, messageLength: 5),
        payload: Array("hello".utf8)[...])

    /// The proxy of node 0 hands it to the proxy of node 1, with one outcome.
    static let front = Frame.encodeFront(
        header: header(flags: 0, to: proxyOne, epoch: 2, sequence: 1),
        body: .outcomes([
            Outcome(
                source: Address(
                    node: PNN(rawValue: 1), service: .echo,
                    instance: Instance(rawValue: 0x0102_0304_0506_0709)),
                destination: client, lane: 0, code: .consumed, packetID: 7,
                reporter: PNN(rawValue: 0), possiblyDelivered: false)
        ]),
        packetByteCount: packet.count, room: 0)

    static let hello = Frame.encodeFront(
        header: header(
            flags: PeerProtocol.frameHello,
            to: Address(
                node: PNN(rawValue: 1), service: .proxy, instance: Instance(rawValue: 0)),
            epoch: 0, sequence: 0),
        body: .hello(
            Hello(
                versionMinimum: PeerProtocol.currentVersion,
                versionMaximum: PeerProtocol.currentVersion, features: 0,
                nonce: 0x0123_4567_89AB_CDEF, echo: 0, frameLimit: PeerProtocol.frameLimit,
                software: "example 1.0")),
        packetByteCount: 0, room: 0)

    static func header(
        flags: UInt32, to receiver: Address, epoch: UInt32, sequence: UInt64
    ) -> FrameHeader {
        FrameHeader(
            magic: 0, checksum: 0, protocolVersion: PeerProtocol.currentVersion, flags: flags,
            sender: proxyZero, receiver: receiver, epoch: epoch,
            acknowledgedEpoch: epoch == 0 ? 0 : 3, sequence: sequence,
            acknowledged: epoch == 0 ? 0 : 41, packetBytes: 0, outcomeCount: 0)
    }

    /// The examples by the names that they have in the text.
    static let examples = [
        "hello": hello, "front": front, "packet": packet,
    ]

    /// The bytes in a code block: the two-digit words in front of two spaces, line by line.
    static func bytes(of name: String) throws -> [UInt8] {
        let text = try String(contentsOf: readme, encoding: .utf8)
        let parts = text.components(separatedBy: "```hex \(name)\n")
        try #require(parts.count == 2, "one block named \(name)")
        let block = try #require(parts[1].components(separatedBy: "```").first)
        var bytes: [UInt8] = []
        for line in block.split(separator: "\n") {
            let columns = line.components(separatedBy: "  ")
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            let offset = try #require(columns.first.flatMap { Int($0) }, "\(line)")
            try #require(offset == bytes.count, "the offset in: \(line)")
            for word in try #require(columns.dropFirst().first).split(separator: " ") {
                bytes.append(try #require(UInt8(word, radix: 16), "\(line)"))
            }
        }
        return bytes
    }

    @Test(arguments: ["hello", "front", "packet"])
    func theExampleIsWhatIsWritten(name: String) throws {
        let written = try #require(Self.examples[name])
        #expect(
            try Self.bytes(of: name) == written,
            "\(written.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) })")
    }

    @Test func theExampleIsRead() throws {
        let frame = try Frame.decode((try Self.bytes(of: "front") + Self.packet)[...])
        #expect(frame.header.sequence == 1)
        var rest = frame.packets
        let packet = try #require(try Packet.takeFirst(from: &rest))
        try packet.verify()
        #expect(rest.isEmpty)
        #expect(packet.header.destination == Self.echo)
        #expect(Array(packet.payload) == Array("hello".utf8))
        #expect(try Frame.decode((try Self.bytes(of: "hello"))[...]).has(PeerProtocol.frameHello))
    }

    @Test func theLegacyMessageIsWhatIsWritten() throws {
        let message = try RequestMessage.encodePacket(
            srvid: .tunnelNewProtocol, data: [Self.hello[...]],
            destination: PNN(rawValue: 1), source: PNN(rawValue: 0),
            generation: Generation(rawValue: 0x5A45_1DEF),
            layout: LegacyLayout(byteOrder: .little, wordSize: .bits64))
        #expect(try Self.bytes(of: "legacy") + Self.hello == Array(message.prefix(44 + 132)))
        #expect(message.count == 176)
    }

    /// The check value that every description of the checksum gives.
    @Test func theChecksumIsTheOneThatIsNamed() throws {
        let text = try String(contentsOf: Self.readme, encoding: .utf8)
        #expect(CRC32C.checksum(of: Array("123456789".utf8)) == 0xE306_9283)
        #expect(text.contains("`E3069283`"))
    }
}
