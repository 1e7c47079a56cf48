// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerWire
import Testing
import Vocabulary
import XDR

@Suite struct StreamsTests {
    private static let id: UInt64 = 1

    /// An endpoint with a stream that it has opened to another node, and the key.
    private func opener(credit: UInt64 = 0) throws -> (Desk, StreamKey) {
        var desk = Desk.opened()
        let lines = desk.handle(
            .stream(.open(token: 4, to: Desk.echo, name: "log", lane: .normal)))
        #expect(lines == ["opening 4 as 1", "proxy streamOpen 2"])
        let key = StreamKey(peer: Desk.echo, id: Self.id, isOpener: true)
        let open = try #require(desk.packets.first)
        _ = desk.tell(.consumed, of: open, by: Desk.echo.node)
        if credit > 0 { _ = desk.send(Self.credit(credit, 1)) }
        return (desk, key)
    }

    /// An endpoint with a stream that another node has opened, and the key.
    private func acceptor() throws -> (Desk, StreamKey) {
        var desk = Desk.opened()
        let open = try StreamOpen(name: "log", credit: 8).encoded()
        #expect(
            desk.send(Desk.packet(.streamOpen, 10, open, replyTo: 7)).contains("opened 7 log"))
        return (desk, StreamKey(peer: Desk.echo, id: 7, isOpener: false))
    }

    private static func credit(_ limit: UInt64, _ packetID: UInt64) -> [UInt8] {
        Desk.packet(
            .streamCredit, packetID, StreamCredit(limit: limit).encoded(), replyTo: id,
            procedure: 1)
    }

    private static func end(
        _ result: StreamResult, _ packetID: UInt64, replyTo: UInt64, procedure: UInt32,
        offset: UInt64 = 0
    ) throws -> [UInt8] {
        Desk.packet(
            .streamEnd, packetID,
            try StreamEnd(offset: offset, result: result, reason: "so").encoded(), replyTo: replyTo,
            procedure: procedure)
    }

    private static func data(
        _ packetID: UInt64, _ bytes: [UInt8] = [], at offset: UInt64 = 0
    ) -> [UInt8] {
        Desk.packet(
            .streamData, packetID, StreamPlace(offset: offset).encoded() + bytes, replyTo: 7)
    }

    /// What the packets of data bring, and where that belongs.
    private func written(_ desk: Desk) throws -> [String] {
        try desk.packets.map { packet in
            var reader = ByteReader(packet.payload, order: .big)
            let offset = try StreamPlace.decode(from: &reader).offset
            let bytes = packet.payload.dropFirst(StreamPlace.byteCount)
            return "\(offset) \(String(decoding: bytes, as: UTF8.self))"
        }
    }

    private func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    private func kinds(_ desk: Desk) -> [PacketKind] { desk.packets.map(\.header.kind) }

    @Test func nothingIsWrittenWithoutCredit() throws {
        var (desk, key) = try opener()
        desk.packets = []
        #expect(desk.handle(.stream(.write(key, bytes("hello")))) == [])
        let lines = desk.send(Self.credit(3, 1))
        #expect(try written(desk) == ["0 hel"])
        #expect(!lines.contains("drained 1"))
        #expect(desk.send(Self.credit(9, 2)).contains("drained 1"))
        #expect(try written(desk) == ["0 hel", "3 lo"])
        #expect(desk.packets.allSatisfy { $0.header.replyTo == 1 && $0.header.procedure == 0 })
    }

    @Test func theEndComesBehindEverythingThatWasWritten() throws {
        var (desk, key) = try opener()
        desk.packets = []
        _ = desk.handle(
            .stream(.write(key, bytes("hello"))), .stream(.end(key, .complete, reason: "")))
        #expect(desk.packets.isEmpty)
        _ = desk.send(Self.credit(100, 1))
        #expect(kinds(desk) == [.streamData, .streamEnd])
        #expect(
            desk.send(try Self.end(.complete, 2, replyTo: 1, procedure: 1))
                .contains("ended 1 complete so"))
    }

    @Test func whoGivesUpThrowsAwayWhatWaits() throws {
        var (desk, key) = try opener()
        desk.packets = []
        _ = desk.handle(
            .stream(.write(key, bytes("hello"))), .stream(.end(key, .aborted, reason: "tired")))
        try #require(kinds(desk) == [.streamEnd])
        #expect(try StreamEnd.decode(desk.packets[0].payload).result == .aborted)
    }

    @Test func acceptingGivesCreditAndUseRenewsIt() throws {
        var (desk, key) = try acceptor()
        _ = desk.handle(.stream(.accept(key)))
        let data = [UInt8](repeating: 65, count: 60_000)
        for place: UInt64 in 0..<3 {
            #expect(
                desk.send(Self.data(11 + place, data, at: 60_000 * place))
                    .contains("bytes 7 60000 bytes"))
        }
        _ = desk.handle(.stream(.consumed(key, 100_000)))
        #expect(kinds(desk) == [.streamCredit])
        _ = desk.handle(.stream(.consumed(key, 40_000)))
        #expect(
            try desk.packets.map { try StreamCredit.decode($0.payload).limit } == [
                262_144, 402_144,
            ])
    }

    @Test func dataBeyondTheCreditIsRefused() throws {
        var settings = EndpointSettings()
        settings.streamCredit = 10
        var desk = Desk.opened(settings: settings)
        let open = try StreamOpen(name: "log", credit: 8).encoded()
        _ = desk.send(Desk.packet(.streamOpen, 10, open, replyTo: 7))
        let lines = desk.send(
            Self.data(11, [UInt8](repeating: 0, count: 11)))
        #expect(!lines.contains { $0.hasPrefix("bytes") })
        #expect(desk.outcomes.map(\.code).contains(.queueFull))
    }

    @Test func aHoleEndsTheStreamBeforeWhatIsBehindIt() throws {
        for behind in [Self.data(12, [4, 5], at: 3), Self.data(12, [], at: 3)] {
            var (desk, key) = try acceptor()
            _ = desk.handle(.stream(.accept(key)))
            #expect(desk.send(Self.data(11, Array("ab".utf8))).contains("bytes 7 ab"))
            let lines = desk.send(behind)
            #expect(lines.contains("ended 7 aborted bytes were lost on the way"))
            #expect(!lines.contains { $0.hasPrefix("bytes") })
            #expect(desk.outcomes.map(\.code).contains(.serviceGone))
        }
    }

    @Test func aCompleteEndCountsTheBytesInFrontOfIt() throws {
        for (offset, line): (UInt64, String) in [
            (2, "ended 7 complete so"), (3, "ended 7 aborted bytes were lost on the way"),
        ] {
            var (desk, key) = try acceptor()
            _ = desk.handle(.stream(.accept(key)))
            _ = desk.send(Self.data(11, [1, 2]))
            let end = try Self.end(.complete, 12, replyTo: 7, procedure: 0, offset: offset)
            #expect(desk.send(end).contains(line))
        }
    }

    @Test func dataForNoStreamIsRefusedAndCreditForNoneIsNot() {
        var desk = Desk.opened()
        #expect(
            desk.send(Self.data(1)).contains("note unexpected 7"))
        #expect(desk.outcomes.map(\.code) == [.serviceGone])
        _ = desk.send(
            Desk.packet(
                .streamCredit, 2, StreamCredit(limit: 5).encoded(), replyTo: 7))
        #expect(desk.outcomes.map(\.code) == [.serviceGone])
    }

    @Test func aSecondOpenAndAPayloadThatIsNoneAreCorrupt() throws {
        var (desk, _) = try acceptor()
        let open = try StreamOpen(name: "log", credit: 8).encoded()
        _ = desk.send(Desk.packet(.streamOpen, 11, open, replyTo: 7))
        _ = desk.send(Desk.packet(.streamCredit, 12, [1], replyTo: 7))
        #expect(desk.outcomes.map(\.code).filter { $0 != .consumed } == [.corrupt, .corrupt])
    }

    @Test func aPacketThatFailsEndsTheStreamAtBothEnds() throws {
        var (desk, key) = try opener(credit: 100)
        desk.packets = []
        _ = desk.handle(.stream(.write(key, bytes("hello"))))
        let lines = desk.tell(.queueFull, of: desk.packets[0], by: PNN(rawValue: 0))
        #expect(lines.contains("ended 1 aborted queueFull"))
        #expect(kinds(desk) == [.streamData, .streamEnd])
    }

    // MARK: Silence

    @Test func theOtherEndIsAskedEveryThreeSecondsByAnEmptyPacket() throws {
        var (desk, key) = try opener(credit: 100)
        desk.pass(milliseconds: 10)
        _ = desk.handle(.wake)
        desk.packets = []
        desk.pass(milliseconds: 2_989)
        #expect(desk.handle(.wake).filter { $0.contains("stream") } == [])
        desk.pass(milliseconds: 1)
        #expect(desk.handle(.wake) == ["proxy streamData 3", "wake 3199"])
        try #require(try written(desk) == ["0 "])
        _ = desk.tell(.consumed, of: desk.packets[0], by: Desk.echo.node)
        desk.pass(milliseconds: 3_000)
        #expect(desk.handle(.wake).first == "proxy streamData 4")
        try #require(desk.packets.count == 2)
        let lines = desk.tell(.serviceGone, of: desk.packets[1], by: Desk.echo.node)
        #expect(lines.contains("ended 1 aborted serviceGone"))
        #expect(!lines.contains("drained \(key.id)"))
    }

    @Test func anEmptyPacketIsNothingToTheReader() throws {
        var (desk, _) = try acceptor()
        let lines = desk.send(Self.data(11))
        #expect(!lines.contains { $0.hasPrefix("bytes") || $0.hasPrefix("note") })
    }

    @Test func whoHasEndedAsksByCredit() throws {
        var (desk, key) = try opener(credit: 100)
        _ = desk.handle(.stream(.end(key, .complete, reason: "")))
        for packet in desk.packets { _ = desk.tell(.consumed, of: packet, by: Desk.echo.node) }
        desk.packets = []
        desk.pass(milliseconds: 3_000)
        _ = desk.handle(.wake)
        #expect(kinds(desk) == [.streamCredit])
    }

    // MARK: Giving up while nobody can be reached

    @Test func anEndThatWasNotHeardIsSaidAgainUntilItIs() throws {
        var (desk, key) = try acceptor()
        _ = desk.handle(.stream(.end(key, .aborted, reason: "tired")))
        try #require(kinds(desk) == [.streamEnd])
        _ = desk.tell(.nodeGone, of: desk.packets[0], by: PNN(rawValue: 0))
        #expect(!desk.core.isIdle)
        for place in 1...2 {
            desk.pass(milliseconds: 3_000)
            _ = desk.handle(.wake)
            try #require(desk.packets.count == place + 1)
            let end = try StreamEnd.decode(desk.packets[place].payload)
            #expect(end.result == .aborted)
            #expect(desk.packets[place].header.replyTo == 7)
            #expect(desk.packets[place].header.procedure == 1)
            #expect(desk.packets[place].header.destination == Desk.echo)
            let code: OutcomeCode = place == 1 ? .noProxy : .consumed
            _ = desk.tell(code, of: desk.packets[place], by: PNN(rawValue: 0))
        }
        #expect(desk.core.isIdle)
        desk.pass(milliseconds: 3_000)
        _ = desk.handle(.wake)
        #expect(desk.packets.count == 3)
    }

    @Test func nobodyIsToldForEverOrWhenKnownToBeGone() throws {
        for code: OutcomeCode in [.noSuchService, .noSuchNode] {
            var (desk, key) = try acceptor()
            _ = desk.handle(.stream(.end(key, .aborted, reason: "tired")))
            _ = desk.tell(code, of: desk.packets[0], by: PNN(rawValue: 0))
            #expect(desk.core.isIdle, "\(code)")
        }
        var (desk, key) = try acceptor()
        _ = desk.handle(.stream(.end(key, .aborted, reason: "tired")))
        var count = 0
        while let packet = desk.packets.last, count < 100 {
            desk.packets = []
            _ = desk.tell(.nodeGone, of: packet, by: PNN(rawValue: 0))
            desk.pass(milliseconds: 3_000)
            _ = desk.handle(.wake)
            count += 1
        }
        #expect(count == 21)
        #expect(desk.core.isIdle)
    }
}
