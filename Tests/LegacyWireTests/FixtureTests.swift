// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Foundation
import LegacyWire
import Testing
import Vocabulary

/// Reads fixtures/legacy: packets that a real ctdbd and the real tool wrote.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures/legacy")

    /// The names of all fixtures.
    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (files ?? []).filter { $0.hasSuffix(".hex") }.map { String($0.dropLast(4)) }
            .sorted()
    }()

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name + ".hex"), encoding: .utf8)
    }

    /// The bytes: in each line those in front of the first two spaces.
    static func bytes(_ name: String) throws -> [UInt8] {
        try text(name).split(separator: "\n").filter { !$0.hasPrefix("#") }.flatMap { line in
            line.prefix(48).split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
    }

    static func packet(_ name: String) throws -> LegacyPacket {
        try LegacyPacket.decode(try bytes(name)[...], layout: little64)
    }

    static func request(_ name: String) throws -> ControlRequest? {
        guard case .requestControl(let body) = try packet("request-control-" + name).body else {
            return nil
        }
        return try ControlRequest.decode(from: body, layout: little64)
    }

    static func reply(_ name: String, to opcode: ControlOpcode) throws -> ControlReply? {
        guard case .replyControl(let body) = try packet("reply-control-" + name).body else {
            return nil
        }
        return try ControlReply.decode(from: body, to: opcode, layout: little64)
    }

    /// The opcode that the head of a reply's file names.
    static func answeredOpcode(_ name: String) throws -> ControlOpcode? {
        guard let line = try text(name).split(separator: "\n").first,
            let number = line.split(separator: " ").last.flatMap({ UInt32($0) })
        else { return nil }
        return ControlOpcode(rawValue: number)
    }
}

@Suite struct FixtureTests {
    @Test func thereAreFixtures() {
        #expect(Fixtures.names.count >= 300)
    }

    @Test(arguments: Fixtures.names)
    func realPacketsSurviveByteForByte(name: String) throws {
        let bytes = try Fixtures.bytes(name)
        let packet = try LegacyPacket.decode(bytes[...], layout: little64)
        #expect(try packet.encodeAsSeen(layout: little64) == bytes)
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try LegacyPacket.decode(bytes[..<count], layout: little64)
            }
        }
    }

    @Test(arguments: Fixtures.names)
    func realPayloadsSurviveByteForByte(name: String) throws {
        switch try Fixtures.packet(name).body {
        case .requestControl(let body):
            let request = try ControlRequest.decode(from: body, layout: little64)
            let again = try request.encode(
                layout: little64, flags: body.flags, clientID: body.clientID)
            #expect(again == body)
        case .replyControl(let body):
            let opcode = try #require(try Fixtures.answeredOpcode(name))
            let reply = try ControlReply.decode(from: body, to: opcode, layout: little64)
            #expect(try reply.encode(layout: little64) == body)
        case .requestMessage(let body):
            let message = try MessagePayload.decode(
                srvid: body.srvid, data: body.data, layout: little64)
            #expect(try message.encode(layout: little64) == body)
        default: break
        }
    }

    @Test(arguments: Fixtures.names)
    func realPacketsThatLieAreValuesOrErrors(name: String) throws {
        for mutation in MutationTests.mutations(
            of: try Fixtures.bytes(name), order: .little, keepingLength: true)
        {
            _ = try MutationTests.checkPacket(mutation, layout: little64)
        }
    }

    @Test func allOfThemAreOneStream() throws {
        let packets = try Fixtures.names.map(Fixtures.bytes)
        for size in [1, 13, 64, 1 << 20] {
            var framer = PacketFramer(layout: little64, alignment: .eight)
            var taken: [[UInt8]] = []
            let stream = packets.flatMap { $0 }
            for start in stride(from: 0, to: stream.count, by: size) {
                framer.append(stream[start..<min(start + size, stream.count)])
                while let packet = try framer.next() { taken.append(Array(packet)) }
            }
            #expect(taken == packets)
        }
    }

    @Test func everyOperationIsThere() throws {
        let operations = Set(try Fixtures.names.map { try Fixtures.packet($0).operation.rawValue })
        #expect(operations == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10])
    }
}
