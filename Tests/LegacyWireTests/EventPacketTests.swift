// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Foundation
import LegacyWire
import Testing
import Vocabulary

/// Reads fixtures/legacy/event: packets that the real event daemon and its tool wrote.
enum EventFixtures {
    static let folder = Fixtures.folder.appendingPathComponent("event")

    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (files ?? []).filter { $0.hasSuffix(".hex") }.map { String($0.dropLast(4)) }
            .sorted()
    }()

    static func bytes(_ name: String) throws -> [UInt8] { try Fixtures.bytes("event/" + name) }

    static func request(_ name: String) throws -> EventRequest {
        try EventPacket<EventRequest>.decode(try bytes("request-" + name)[...], layout: little64)
            .body
    }

    static func reply(_ name: String) throws -> EventReply {
        try EventPacket<EventReply>.decode(try bytes("reply-" + name)[...], layout: little64).body
    }
}

@Suite struct EventPacketTests {
    @Test(arguments: LegacyLayout.all)
    func whatIsWrittenIsRead(layout: LegacyLayout) throws {
        let seed: UInt64 = 0x7AB1_EC30
        var generator = SeededGenerator(seed: seed)
        for round in 0..<200 {
            for request in generator.eventRequests() {
                let packet = EventPacket(
                    version: generator.uint32(), reqid: generator.reqid(), body: request)
                let written = try packet.encode(layout: layout)
                #expect(
                    try EventPacket.decode(written[...], layout: layout) == packet,
                    "seed \(seed), round \(round)")
            }
            for reply in generator.eventReplies() {
                let packet = EventPacket(reqid: generator.reqid(), body: reply)
                let written = try packet.encode(layout: layout)
                #expect(
                    try EventPacket.decode(written[...], layout: layout) == packet,
                    "seed \(seed), round \(round)")
            }
        }
    }

    /// Reads and writes a packet of either direction.
    static func again(_ name: String, _ packet: ArraySlice<UInt8>) throws(WireError) -> [UInt8] {
        if name.hasPrefix("request-") {
            return try EventPacket<EventRequest>.decode(packet, layout: little64)
                .encode(layout: little64)
        }
        return try EventPacket<EventReply>.decode(packet, layout: little64)
            .encode(layout: little64)
    }

    @Test(arguments: EventFixtures.names)
    func realPacketsSurviveByteForByte(name: String) throws {
        let packet = try EventFixtures.bytes(name)
        #expect(try Self.again(name, packet[...]) == packet)
        for count in 0..<packet.count {
            #expect(throws: WireError.self, "\(count) bytes") {
                try Self.again(name, packet[..<count])
            }
            guard count >= 4 else { continue }
            #expect(throws: WireError.self, "cut to \(count) bytes") {
                try Self.again(name, cut(packet, to: count)[...])
            }
        }
    }

    @Test(arguments: EventFixtures.names)
    func realPacketsThatLieAreValuesOrErrors(name: String) throws {
        for mutation in MutationTests.mutations(
            of: try EventFixtures.bytes(name), order: .little, keepingLength: true)
        {
            guard let written = try? Self.again(name, mutation[...]) else { continue }
            #expect(try Self.again(name, written[...]) == written)
            #expect(written.count <= mutation.count + 8)
        }
    }

    @Test func bytesBehindThePacketAreRefused() throws {
        let packet = try EventPacket(reqid: Reqid(rawValue: 1), body: EventReply.run(result: 0))
            .encode(layout: little64)
        #expect(throws: WireError.self) {
            try EventPacket<EventReply>.decode((packet + [0])[...], layout: little64)
        }
    }
}
