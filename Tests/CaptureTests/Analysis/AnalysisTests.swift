// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import LegacyWire
import PeerWire
import Testing
import Vocabulary

/// Captures that are made here, and what is found in them.
enum MadeUp {
    static let database = DatabaseID(rawValue: 0x4711)

    /// The packets of node 0, which asks node 1 over TCP, and the answers.
    static func sightings(_ bodies: [(LegacyPacket.Body, isAnswer: Bool, reqid: UInt32)]) throws
        -> [Sighting]
    {
        var connection = SyntheticConnection(client: nodeA, server: nodeB)
        var frames = connection.open()
        for (body, isAnswer, reqid) in bodies {
            let packet = LegacyPacket(
                generation: Generation(rawValue: 7), destination: PNN(rawValue: isAnswer ? 0 : 1),
                source: PNN(rawValue: isAnswer ? 1 : 0), reqid: Reqid(rawValue: reqid), body: body)
            frames += connection.send(
                try packet.encode(layout: little64)[...], fromClient: !isAnswer)
        }
        return CaptureTests.sightings(frames, .ethernet).sightings
    }

    static func call(_ key: String, _ data: String = "") -> LegacyPacket.Body {
        .requestCall(
            RequestCall(
                flags: [], database: database, function: RequestCall.fetchFunction, hopCount: 0,
                key: Array(key.utf8)[...], data: Array(data.utf8)[...]))
    }

    static func request(_ request: ControlRequest) throws -> LegacyPacket.Body {
        .requestControl(try request.encode(layout: little64, flags: []))
    }

    static func reply(_ reply: ControlReply) throws -> LegacyPacket.Body {
        .replyControl(try reply.encode(layout: little64))
    }

    static func message(_ srvid: SrvID, _ data: [UInt8]) -> LegacyPacket.Body {
        .requestMessage(RequestMessage(srvid: srvid, data: data[...]))
    }
}

@Suite struct SightingFilterTests {
    private let all: [Sighting]

    init() throws {
        all = try MadeUp.sightings([
            (try MadeUp.request(.getPNN), false, 1),
            (try MadeUp.reply(.pnn(PNN(rawValue: 1))), true, 1),
            (MadeUp.call("a"), false, 2), (MadeUp.message(.takeIP, [1]), false, 0),
        ])
        #expect(all.count == 4)
    }

    private func numbers(_ set: (inout SightingFilter) -> Void) -> [Int] {
        var filter = SightingFilter()
        set(&filter)
        return all.indices.filter { filter.accepts(all[$0]) }
    }

    @Test func everythingIsWantedUnlessSomethingIsSaid() {
        #expect(numbers { _ in } == [0, 1, 2, 3])
    }

    @Test func eachConditionChooses() {
        #expect(numbers { $0.opcodes = [.getPNN] } == [0, 1])
        #expect(numbers { $0.operations = [.replyControl, .requestCall] } == [1, 2])
        #expect(numbers { $0.databases = [MadeUp.database] } == [2])
        #expect(numbers { $0.srvids = [.takeIP] } == [3])
        #expect(numbers { $0.reqids = [Reqid(rawValue: 1)] } == [0, 1])
        #expect(numbers { $0.nodes = [PNN(rawValue: 2)] } == [])
        #expect(numbers { $0.nodes = [PNN(rawValue: 1)] } == [0, 1, 2, 3])
        #expect(numbers { $0.numbers = [all[2].number] } == [2])
    }

    @Test func conditionsAreAllToHold() {
        #expect(
            numbers {
                $0.opcodes = [.getPNN]
                $0.operations = [.replyControl]
            } == [1])
    }

    @Test func timesBoundIt() {
        #expect(numbers { $0.from = all[1].time } == [1, 2, 3])
        #expect(numbers { $0.until = all[1].time } == [0])
    }
}

@Suite struct SightingLinesTests {
    @Test func aLineSaysWhoAndWhat() throws {
        let all = try MadeUp.sightings([
            (try MadeUp.request(.getPNN), false, 12),
            (try MadeUp.reply(.pnn(PNN(rawValue: 1))), true, 12), (MadeUp.call("a"), false, 3),
        ])
        var lines = SightingLines()
        for sighting in all { lines.add(sighting) }
        let text = String(decoding: lines.take(), as: UTF8.self).split(separator: "\n")
        let wanted: [String] = [
            "--- 1970-01-01 UTC",
            "      4 00:00:00.003000000 10.0.0.1:40000 > 10.0.0.2:4379  0 > 1 requestControl "
                + "getPNN reqid 12 64 bytes",
            "      5 00:00:00.004000000 10.0.0.2:4379 > 10.0.0.1:40000  1 > 0 replyControl "
                + "getPNN reqid 12 status 1 48 bytes answers 4 after 1000 us",
            "      6 00:00:00.005000000 10.0.0.1:40000 > 10.0.0.2:4379  0 > 1 requestCall "
                + "reqid 3 db 0x00004711 64 bytes",
        ]
        #expect(text.map(String.init) == wanted)
        #expect(lines.take().isEmpty)
    }

    @Test func aCommentStaysInItsLine() {
        var lines = SightingLines()
        lines.add(
            Sighting(
                number: 1, time: nil, comments: ["two\nlines"],
                content: .gap(missingByteCount: 3, unusedByteCount: 0)))
        let text = String(decoding: lines.take(), as: UTF8.self)
        #expect(text.hasSuffix("gap: 3 bytes are missing, 0 belong to no packet  # two lines\n"))
        #expect(text.count { $0 == "\n" } == 1)
    }
}

@Suite struct CaptureStatisticsTests {
    @Test func questionsAndAnswersAreCounted() throws {
        var statistics = CaptureStatistics()
        let all = try MadeUp.sightings([
            (try MadeUp.request(.getPNN), false, 1),
            (try MadeUp.reply(.pnn(PNN(rawValue: 1))), true, 1),
            (try MadeUp.request(.getPNN), false, 2), (MadeUp.call("a"), false, 3),
            (.replyCall(ReplyCall(status: -1, data: [])), true, 3),
        ])
        for sighting in all { statistics.add(sighting) }
        #expect(statistics.total.packets == 5)
        #expect(statistics.kinds["requestControl"]?.packets == 2)
        let pnn = try #require(statistics.exchanges["getPNN"])
        #expect(pnn.asked.packets == 2)
        #expect(pnn.answered == 1)
        #expect(pnn.failed == 0)
        #expect(pnn.latency.quantile(perMille: 500) == 1_000_000)
        #expect(statistics.exchanges["call"]?.failed == 1)
        #expect(statistics.senders["node 1"]?.packets == 2)
        #expect(statistics.rates.map(\.count.packets) == [5])
        #expect(statistics.duration == 4_000_000)
        // Three of 64 bytes, and two of less.
        #expect(statistics.sizes[6] == 3)
        #expect(statistics.sizes[5] == 2)
    }

    @Test func quantilesOfManyAreThoseOfAll() {
        var sample = LatencySample()
        for number in 0..<100_000 { sample.add(Int64(number)) }
        #expect(sample.count == 100_000)
        #expect(sample.least == 0)
        #expect(sample.greatest == 99_999)
        let median = sample.quantile(perMille: 500) ?? 0
        #expect((47_000...53_000).contains(median))
        #expect(LatencySample().quantile(perMille: 500) == nil)
    }
}

@Suite struct CaptureComparisonTests {
    private func compare(
        _ first: [Sighting], _ second: [Sighting]
    ) -> CaptureComparison {
        var one = CaptureTranscript()
        var other = CaptureTranscript()
        for sighting in first { one.add(sighting, []) }
        for sighting in second { other.add(sighting, []) }
        return CaptureComparison(one, other) { path, _ in path == "status" ? "a test" : nil }
    }

    @Test func numbersOfRequestsDoNotCount() throws {
        let first = try MadeUp.sightings([(try MadeUp.request(.getPNN), false, 1)])
        let second = try MadeUp.sightings([(try MadeUp.request(.getPNN), false, 99)])
        let comparison = compare(first, second)
        #expect(comparison.isSame)
        #expect(comparison.pairs == 1)
        #expect(comparison.same == 1)
    }

    @Test func whatDiffersIsNamed() throws {
        let first = try MadeUp.sightings([
            (MadeUp.call("a"), false, 1), (MadeUp.call("b"), false, 2),
            (.replyCall(ReplyCall(status: 0, data: [])), true, 2),
        ])
        let second = try MadeUp.sightings([
            (MadeUp.call("a"), false, 1), (MadeUp.call("c"), false, 2),
            (.replyCall(ReplyCall(status: 5, data: [])), true, 2),
            (MadeUp.message(.takeIP, []), false, 0),
        ])
        let comparison = compare(first, second)
        #expect(!comparison.isSame)
        #expect(comparison.differences.map(\.path) == ["key", "status"])
        #expect(comparison.differences.map(\.count) == [1, 1])
        #expect(comparison.differences.map(\.reason) == [nil, "a test"])
        #expect(comparison.surplus.map(\.kind.packet) == ["0 > 1 requestMessage takeIP"])
        #expect(comparison.surplus.map(\.second) == [1])
    }
}
