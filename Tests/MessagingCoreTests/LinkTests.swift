// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerWire
import Testing
import Vocabulary

@Suite struct LinkTests {
    @Test func twoThatOpenAtOnceComeUpAndRest() throws {
        var pair = Pair()
        try pair.open()
        #expect(pair.ends.map(\.state) == [.up, .up])
        #expect(pair.ends[0].peer.instance.rawValue == 2)
    }

    @Test(arguments: 0..<6) func anyHelloMayBeLost(lost: Int) throws {
        var pair = Pair()
        pair.ends[0].resume(at: pair.now)
        pair.ends[1].resume(at: pair.now)
        var count = 0
        for _ in 0..<20 {
            pair.flush(0)
            pair.flush(1)
            for end in 0..<2 {
                let frames = pair.wire[end]
                pair.wire[end] = []
                for bytes in frames {
                    if count != lost { try pair.deliver(bytes, to: end) }
                    count += 1
                }
            }
            pair.pass(milliseconds: 50)
        }
        #expect(pair.ends.map(\.state) == [.up, .up])
        #expect(count < 12)
    }

    @Test func aPacketStaysUntilItsOutcome() throws {
        var pair = Pair()
        try pair.open()
        #expect(pair.hold(5) == nil)
        try pair.exchange()
        #expect(try pair.packets(at: 1) == ["5"])
        #expect(pair.ends[0].heldCount == 1)
        pair.ends[1].tell(
            Pair.key.outcome(.consumed, id: 5, by: PNN(rawValue: 1)), promptly: true, at: pair.now)
        try pair.exchange()
        #expect(pair.ends[0].heldCount == 0)
    }

    @Test func missingFramesAreSentAgainInANewEpoch() throws {
        var pair = Pair()
        try pair.open()
        _ = pair.hold(1)
        pair.flush(0)
        pair.wire[1] = []
        _ = pair.hold(2)
        try pair.exchange()
        #expect(try pair.packets(at: 1) == ["1", "2"])
        #expect(pair.received[1].contains { $0.refusal == .gap })
    }

    @Test func theLastFrameLostIsFoundByAProbe() throws {
        var pair = Pair()
        try pair.open()
        _ = pair.hold(1)
        pair.flush(0)
        pair.wire[1] = []
        pair.pass(milliseconds: 200)
        try pair.exchange()
        #expect(try pair.packets(at: 1) == ["1"])
    }

    @Test func anotherLifeGetsItAgainAndIsToldSo() throws {
        var pair = Pair()
        try pair.open()
        _ = pair.hold(1)
        try pair.exchange()
        pair.ends[1] = Pair.link(1, life: 3)
        pair.received[1] = []
        pair.ends[1].resume(at: pair.now)
        try pair.exchange()
        #expect(try pair.packets(at: 1) == ["1 again"])
    }

    @Test func whatOnlyTheNewLifeGotIsNotSentAgain() throws {
        var pair = Pair()
        try pair.open()
        pair.ends[1] = Pair.link(1, life: 3)
        pair.ends[1].resume(at: pair.now)
        pair.flush(1)
        pair.wire[0] = []
        _ = pair.hold(1)
        try pair.exchange()
        pair.pass(milliseconds: 100)
        try pair.exchange()
        #expect(try pair.packets(at: 1) == ["1"])
    }

    @Test func theHelloOfAnEarlierLifeChangesNothing() throws {
        var pair = Pair()
        pair.ends[0].resume(at: pair.now)
        pair.ends[1].resume(at: pair.now)
        pair.flush(1)
        let stale = pair.wire[0]
        pair.ends[1] = Pair.link(1, life: 3)
        pair.ends[1].resume(at: pair.now)
        try pair.exchange()
        for bytes in stale { try pair.deliver(bytes, to: 0) }
        try pair.exchange()
        #expect(pair.ends[0].peer.instance.rawValue == 3)
        #expect(pair.ends.map(\.state) == [.up, .up])
    }

    @Test func withoutACommonVersionBothSaySo() throws {
        var newer = LinkSettings()
        newer.versionMinimum = 0x0002_0000
        newer.versionMaximum = 0x0002_0000
        var pair = Pair(LinkSettings(), newer)
        try pair.open()
        #expect(pair.ends.map(\.state) == [.tooOld, .tooOld])
        #expect(pair.hold(1) == .tooOld)
    }

    @Test func theNewestCommonVersionIsSpoken() throws {
        var newer = LinkSettings()
        newer.versionMaximum = 0x0001_0003
        newer.features = 6
        var older = LinkSettings()
        older.versionMaximum = 0x0001_0001
        older.features = 3
        var pair = Pair(newer, older)
        try pair.open()
        #expect(pair.ends.map(\.commonVersion) == [0x0001_0001, 0x0001_0001])
        #expect(pair.ends[0].commonFeatures == 2)
    }

    @Test func whoNeverAnswersIsGivenUp() throws {
        var pair = Pair()
        pair.ends[0].resume(at: pair.now)
        #expect(pair.hold(1) == nil)
        pair.flush(0)
        pair.pass(milliseconds: 2_000)
        pair.flush(0)
        #expect(pair.ends[0].state == .absent)
        #expect(
            pair.failures[0] == [Pair.key.outcome(.noProxy, id: 1, by: PNN(rawValue: 0))])
        #expect(pair.hold(2) == .noProxy)
    }

    @Test func aCumulativeOutcomeDoesNotSettleWhatDidNotCome() throws {
        var pair = Pair()
        try pair.open()
        _ = pair.hold(1)
        try pair.exchange()
        _ = pair.hold(2)
        pair.flush(0)
        pair.wire[1] = []
        pair.ends[1].tell(
            Pair.key.outcome(.consumed, id: 2, by: PNN(rawValue: 1)), promptly: true, at: pair.now)
        pair.flush(1)
        for bytes in pair.wire[0] { try pair.deliver(bytes, to: 0) }
        #expect(pair.ends[0].heldCount == 1)
    }

    @Test func aStalledNormalLaneLeavesTheUrgentOneFree() throws {
        var settings = LinkSettings()
        settings.normalWindow = 300
        settings.heldLimit = 2_000
        var pair = Pair(settings, settings)
        try pair.open()
        // Nothing of this is acknowledged: the window is full, then the hop.
        var id: UInt64 = 0
        repeat { id += 1 } while pair.hold(id) == nil
        #expect(id > 10)
        pair.flush(0)
        let stalled = pair.wire[1].count
        pair.flush(0)
        #expect(pair.wire[1].count == stalled)
        pair.wire[1] = []
        #expect(pair.hold(id + 1, .urgent) == nil)
        pair.flush(0)
        try #require(pair.wire[1].count == 1)
        let frame = try Frame.decode(pair.wire[1][0][...])
        var rest = frame.packets
        #expect(try Packet.takeFirst(from: &rest)?.header.packetID == id + 1)
        #expect(rest.isEmpty)
        // The urgent lane has an end too.
        var urgent: UInt64 = id + 1
        repeat { urgent += 1 } while pair.hold(urgent, .urgent) == nil
        #expect(urgent - id < 10)
    }

    @Test func whileUrgentPacketsFlowOneNormalPacketIsUnderWay() throws {
        var settings = LinkSettings()
        settings.narrowWindow = 92
        var pair = Pair(settings, settings)
        try pair.open()
        func sent(_ pair: inout Pair) throws -> Int {
            pair.flush(0)
            defer { pair.wire[1] = [] }
            return try pair.wire[1].reduce(0) { try $0 + Frame.decode($1[...]).packets.count }
        }
        #expect(pair.hold(1, .urgent) == nil)
        #expect(try sent(&pair) == 92)
        for id: UInt64 in 2...4 { #expect(pair.hold(id) == nil) }
        #expect(try sent(&pair) == 92)
        #expect(try sent(&pair) == 0)
        // Without urgent packets for a while the normal lane has all of its window again.
        pair.now = pair.now.advanced(byMilliseconds: settings.narrowMilliseconds)
        #expect(try sent(&pair) == 2 * 92)
    }

    @Test func noChangedWordOfAFrameTrapsOrStopsGoodTraffic() throws {
        var pair = Pair()
        try pair.open()
        _ = pair.hold(1)
        pair.flush(0)
        let good = try #require(pair.wire[1].first)
        pair.wire[1] = []
        for length in 0..<good.count {
            #expect(throws: WireError.self) { try Frame.decode(good[..<length]) }
        }
        for offset in stride(from: 0, to: 80, by: 4) {
            for word: UInt32 in [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
                let frame = try Frame.decode(good[...])
                let header = try Self.changed(frame.header, offset, word)
                // Magic, checksum and lengths are made right again; the rest stays changed.
                let front = Frame.encodeFront(
                    header: header, body: frame.body, packetByteCount: frame.packets.count,
                    room: 0)
                var copy = pair
                try? copy.deliver(front + frame.packets, to: 1)
                try copy.deliver(good, to: 1)
                for _ in 0..<8 {
                    copy.pass(milliseconds: 1_000)
                    try copy.exchange()
                }
                let ids = try copy.packets(at: 1)
                #expect(!ids.isEmpty, "word \(offset) as \(word)")
            }
        }
    }

    private static func changed(
        _ header: FrameHeader, _ offset: Int, _ word: UInt32
    ) throws -> FrameHeader {
        var writer = ByteWriter(order: .big)
        header.encode(into: &writer)
        writer.patch(word, at: offset)
        let bytes = writer.finish()
        var reader = ByteReader(bytes[...], order: .big)
        return try FrameHeader.decode(from: &reader)
    }
}
