// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Foundation
import LegacyWire
import PeerWire
import Testing

/// Frames of the new protocol between proxies, as they went over the wire between two ctdbd: what
/// we find in them, and what tshark finds with the dissector that is made of the definitions.
@Suite struct TunnelTests {
    private static let path = CapturedTests.folder.appendingPathComponent("tunnel.pcapng").path
    private static let script = Fixtures.folder.deletingLastPathComponent()
        .appendingPathComponent("Sources/PeerWire/Wireshark/tablecloth.lua").path

    private static let columns = [
        "frame.number", "ctdb.src", "ctdb.dst", "ctdb.len",
        "tablecloth.frame_header.flags", "tablecloth.frame_header.sequence",
        "tablecloth.frame_header.acknowledged", "tablecloth.frame_header.packet_bytes",
        "tablecloth.hello.nonce", "tablecloth.hello.software", "tablecloth.outcome.packet_id",
        "tablecloth.packet_header.kind", "tablecloth.packet_header.procedure",
        "tablecloth.packet_header.packet_id", "tablecloth.packet_header.reply_to",
        "tablecloth.packet_header.payload_length", "tablecloth.failure",
    ]

    /// What a frame has in these columns.
    private static func cells(
        _ sighting: Sighting, _ legacy: LegacySighting, _ frame: PeerFrame
    ) -> [String] {
        let header = frame.frame.header
        var (hello, outcomes): (Hello?, [Outcome]) = (nil, [])
        switch frame.frame.body {
        case .hello(let value): hello = value
        case .outcomes(let values): outcomes = values
        }
        let packets = frame.packets.map(\.header)
        let lists: [[String]] = [
            outcomes.map { String($0.packetID) }, packets.map { String($0.kind.rawValue) },
            packets.map { String($0.procedure) }, packets.map { String($0.packetID) },
            packets.map { String($0.replyTo) }, packets.map { String($0.payloadLength) },
        ]
        return [
            String(sighting.number), String(legacy.packet.source.rawValue),
            String(legacy.packet.destination.rawValue), String(legacy.bytes.count),
            String(header.flags), String(header.sequence), String(header.acknowledged),
            String(header.packetBytes), hello.map { String($0.nonce) } ?? "",
            hello?.software ?? "",
        ] + lists.map { $0.joined(separator: ",") } + [""]
    }

    @Test func tsharkFindsTheSameInEachFrame() throws {
        var ours: [[String]] = []
        var (hellos, urgent, packets) = (0, 0, 0)
        for sighting in try CapturedTests.captured("tunnel.pcapng").sightings {
            guard case .legacy(let legacy) = sighting.content,
                case .frame(let frame) = legacy.payload
            else { continue }
            ours.append(Self.cells(sighting, legacy, frame))
            if case .hello = frame.frame.body { hellos += 1 }
            packets += frame.packets.count
            urgent += frame.packets.filter(\.isUrgent).count
        }
        let answer = try Tshark.run(
            Self.path,
            [
                "-X", "lua_script:\(Self.script)", "-Y", "tablecloth", "-T", "fields", "-E",
                "separator=|",
            ] + Self.columns.flatMap { ["-e", $0] })
        #expect(answer.code == 0)
        #expect(!answer.errors.contains("rror"), "\(answer.errors)")
        let theirs = answer.lines.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
                cell.split(separator: ",", omittingEmptySubsequences: false)
                    .map { AgreementTests.decimal(String($0)) }.joined(separator: ",")
            }
        }
        #expect(theirs.count == ours.count)
        for (mine, other) in zip(ours, theirs) { #expect(mine == other) }
        // It is about something: greetings, requests and answers.
        #expect(hellos > 4 && packets > 20 && urgent > 0)
    }
}
