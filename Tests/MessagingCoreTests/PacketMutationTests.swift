// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerWire
import Testing
import Vocabulary

/// Broken packets inside good frames, as only another implementation, or a bad memory, sends them.
@Suite struct PacketMutationTests {
    private static let words: [UInt32] = [
        0, 1, 2, 5, 88, 65_536, 65_537, 0x7FFF_FFFF, 0x8000_0000, 0xF000_0002, 0xFFFF_FFFC,
        0xFFFF_FFFF,
    ]

    /// Sends a frame with these bytes as its packets, then a good message; what was told and done.
    private func receive(_ bytes: [UInt8]) -> (desk: Desk, lines: [String]) {
        var desk = Desk.opened()
        // The link does not look into what it carries.
        _ = desk.partner.hold(
            bytes[...], id: 50,
            of: FlowKey(source: Desk.echo, destination: Self.destination, lane: .normal),
            resent: false, deadline: nil)
        var lines = desk.exchange()
        var good = Desk.echo
        good.instance = Instance(rawValue: 78)
        lines += desk.send(Desk.packet(.message, 60, Array("good".utf8), from: good))
        return (desk, lines)
    }

    private static let destination = Address(
        node: PNN(rawValue: 0), service: .cluster, instance: Instance(rawValue: 0))

    @Test func noChangedWordTrapsOrStopsTheLink() {
        let whole = Desk.packet(.message, 50)
        for offset in stride(from: 0, to: whole.count, by: 4) {
            for word in Self.words {
                var bytes = whole
                for (place, byte) in withBigEndian(word).enumerated() {
                    bytes[offset + place] = byte
                }
                let (desk, lines) = receive(bytes)
                #expect(
                    lines.contains("receive message 60: good"), "word \(offset) as \(word)")
                #expect(desk.core.proxyState == .up)
                guard bytes != whole else { continue }
                // Changed is not what was written: the checksum, if nothing else, tells.
                #expect(
                    lines.contains { $0.hasPrefix("note m") }, "word \(offset) as \(word)")
                #expect(!lines.contains { $0.hasPrefix("receive message 50") })
            }
        }
    }

    @Test func noTruncationTrapsOrStopsTheLink() {
        let whole = Desk.packet(.message, 50)
        for length in 1..<whole.count {
            let (desk, lines) = receive(Array(whole.prefix(length)))
            #expect(lines.contains("receive message 60: good"), "\(length) bytes")
            #expect(lines.contains { $0.hasPrefix("note malformed") }, "\(length) bytes")
            #expect(desk.core.proxyState == .up)
            // With a whole header the sender is told.
            #expect(desk.outcomes.map(\.code) == (length < 88 ? [] : [.corrupt]))
        }
    }

    @Test(arguments: [
        (76, UInt32(65_537), OutcomeCode.tooLarge), (84, 268_435_457, .tooLarge),
        (80, 1, .corrupt), (80, 0xFFFF_FFFF, .corrupt), (76, 4_000, .corrupt),
    ])
    func theSenderOfAnUnreadablePacketIsTold(
        offset: Int, word: UInt32, code: OutcomeCode
    ) throws {
        var bytes = Desk.packet(.message, 50)
        for (place, byte) in withBigEndian(word).enumerated() { bytes[offset + place] = byte }
        let (desk, _) = receive(bytes)
        let outcome = try #require(desk.outcomes.first)
        #expect(outcome.code == code)
        #expect(outcome.packetID == 50)
        #expect(outcome.source == Desk.echo)
        #expect(outcome.destination == Self.destination)
        #expect(outcome.reporter == PNN(rawValue: 0))
        #expect(!outcome.possiblyDelivered)
    }

    @Test func whatFollowsAnUnreadablePacketIsRead() {
        var bytes = Desk.packet(.message, 50)
        bytes[83] = 1
        let (desk, lines) = receive(bytes + Desk.packet(.message, 51, Array("next".utf8)))
        #expect(lines.contains("receive message 51: next"))
        #expect(desk.outcomes.map(\.packetID) == [50])
    }

    @Test func withoutAHeaderNobodyIsTold() {
        for offset in [0, 8] {
            var bytes = Desk.packet(.message, 50)
            bytes[offset] ^= 0xFF
            let (desk, lines) = receive(bytes)
            #expect(lines.contains { $0.hasPrefix("note malformed") })
            #expect(desk.outcomes.isEmpty)
        }
    }

    private func withBigEndian(_ word: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
}
