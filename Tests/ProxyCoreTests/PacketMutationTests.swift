// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import ProxyCore
import Testing
import Vocabulary

/// Broken packets inside good frames: a proxy looks at headers only.
@Suite struct PacketMutationTests {
    private static let words: [UInt32] = [
        0, 1, 2, 5, 88, 65_536, 65_537, 0x7FFF_FFFF, 0x8000_0000, 0xF000_0002, 0xFFFF_FFFC,
        0xFFFF_FFFF,
    ]
    /// The words that say whose the packet is: a node may speak for all its processes.
    private static func source(_ side: ProxyDesk.Side) -> Range<Int> {
        side == .local ? 24..<40 : 24..<28
    }

    /// Sends a frame with these bytes as its packets, then a good packet; the proxy after it.
    private func receive(_ bytes: [UInt8], from side: ProxyDesk.Side) throws -> ProxyDesk {
        var desk = try ProxyDesk()
        try desk.send(bytes, of: ProxyDesk.key(from: side), id: 50, from: side)
        // Of another flow: a wrong id must not speak for it.
        var key = ProxyDesk.key(from: side)
        key.lane = .urgent
        var rest = ProxyDesk.packet(.message, 60, from: side)[...]
        var header = try #require(try Packet.takeFirst(from: &rest)).header
        header.flags = PeerProtocol.packetUrgent
        try desk.send(
            Packet.encode(header, payload: Array("good!".utf8)[...]), of: key, id: 60, from: side)
        return desk
    }

    private func hasArrived(_ desk: ProxyDesk, from side: ProxyDesk.Side) -> Bool {
        let packets = desk.packets[1 - side.rawValue]
        return packets.contains { $0.header.packetID == 60 && $0.isUrgent }
    }

    @Test(arguments: ProxyDesk.Side.allCases)
    func noChangedWordTrapsOrStopsTheLink(side: ProxyDesk.Side) throws {
        let whole = ProxyDesk.packet(.message, 50, from: side)
        for offset in stride(from: 0, to: 88, by: 4) {
            for word in Self.words {
                let bytes = replaced(whole, offset, word)
                let desk = try receive(bytes, from: side)
                let what = "word \(offset) as \(word) from \(side)"
                #expect(hasArrived(desk, from: side), "\(what)")
                #expect(desk.links.map(\.state) == [.up, .up], "\(what)")
                guard Self.source(side).contains(offset), bytes != whole else { continue }
                let isCurrent = side == .local && offset == 24 && word == 0xF000_0001
                #expect(isCurrent || desk.core.statistics.forged == 1, "\(what)")
                #expect(desk.packets[1 - side.rawValue].count == 1, "\(what)")
            }
        }
    }

    @Test(arguments: ProxyDesk.Side.allCases)
    func noTruncationTrapsOrStopsTheLink(side: ProxyDesk.Side) throws {
        let whole = ProxyDesk.packet(.message, 50, from: side)
        for length in 1..<whole.count {
            let desk = try receive(Array(whole.prefix(length)), from: side)
            #expect(hasArrived(desk, from: side), "\(length) bytes")
            #expect(desk.core.statistics.malformed == 1, "\(length) bytes")
            #expect(desk.links.map(\.state) == [.up, .up])
            let told: [OutcomeCode] = length < 88 ? [] : [.corrupt]
            #expect(desk.outcomes[side.rawValue].map(\.code) == told, "\(length) bytes")
        }
    }

    @Test(arguments: ProxyDesk.Side.allCases)
    func theSenderOfAnUnreadablePacketIsTold(side: ProxyDesk.Side) throws {
        let cases: [(Int, UInt32, OutcomeCode)] = [
            (76, 65_537, .tooLarge), (84, 268_435_457, .tooLarge), (80, 1, .corrupt),
            (80, 0xFFFF_FFFF, .corrupt), (76, 4_000, .corrupt),
        ]
        for (offset, word, code) in cases {
            let bytes = replaced(ProxyDesk.packet(.message, 50, from: side), offset, word)
            let desk = try receive(bytes, from: side)
            #expect(
                desk.outcomes[side.rawValue] == [
                    ProxyDesk.key(from: side).outcome(code, id: 50, by: PNN(rawValue: 0))
                ])
            #expect(desk.core.statistics.malformed == 1)
            #expect(desk.core.statistics.undeliverable == 1)
        }
    }

    @Test func ofABroadcastTheGroupReports() throws {
        let key = ProxyDesk.key(from: .local, to: .broadcastAll)
        let bytes = replaced(
            ProxyDesk.packet(.message, 50, from: .local, to: .broadcastAll), 80, 1)
        var desk = try ProxyDesk()
        try desk.send(bytes, of: key, id: 50, from: .local)
        #expect(desk.outcomes[0] == [key.outcome(.corrupt, id: 50, by: .broadcastAll)])
    }

    @Test func nobodyIsToldOfAPacketThatNamesAnother() throws {
        var bytes = replaced(ProxyDesk.packet(.message, 50, from: .local), 80, 1)
        bytes[39] ^= 1
        let desk = try receive(bytes, from: .local)
        #expect(desk.outcomes[0].isEmpty)
        #expect(desk.core.statistics.malformed == 1)
        #expect(desk.core.statistics.forged == 1)
    }

    @Test func whatFollowsAnUnreadablePacketIsCarried() throws {
        let bytes = replaced(ProxyDesk.packet(.message, 50, from: .local), 80, 1)
        let desk = try receive(
            bytes + ProxyDesk.packet(.message, 51, from: .local), from: .local)
        #expect(desk.packets[1].map(\.header.packetID) == [51, 60])
    }

    private func replaced(_ bytes: [UInt8], _ offset: Int, _ word: UInt32) -> [UInt8] {
        var bytes = bytes
        for place in 0..<4 {
            bytes[offset + place] = UInt8(truncatingIfNeeded: word >> (24 - 8 * place))
        }
        return bytes
    }
}
