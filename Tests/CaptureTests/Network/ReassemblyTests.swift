// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Testing

/// Connections as captures have them: out of order, twice, in parts, from the middle on.
@Suite struct ReassemblyTests {
    /// A stream of messages in segments of a size, with the sequence number of each.
    static func segments(
        _ messages: [[UInt8]], size: Int, first: UInt32 = 1
    ) -> [(sequence: UInt32, payload: ArraySlice<UInt8>)] {
        let stream = messages.flatMap { $0 }
        return stride(from: 0, to: stream.count, by: size).map { start in
            (first &+ UInt32(start), stream[start..<min(start + size, stream.count)])
        }
    }

    static func packets(
        _ parts: [(sequence: UInt32, payload: ArraySlice<UInt8>)]
    ) -> [[UInt8]] {
        parts.map { segment($0.sequence, $0.payload) }
    }

    /// The beginning of a connection: its first byte has the number 1.
    static let opening = [
        segment(0, [], flags: 0x02), segment(0, [], flags: 0x12, isReversed: true),
        segment(1, []),
    ]

    static let count = 60
    static let all = (0..<UInt32(count)).map { Found.reqid($0) }

    @Test(arguments: [1, 7, 33, 100, 1460, 60_000])
    func segmentsOfAnySizeGiveTheSamePackets(size: Int) throws {
        let parts = Self.segments(try messages(Self.count), size: size)
        #expect(found(Self.opening + Self.packets(parts)) == Self.all)
        // Without the beginning the first header is found, too.
        #expect(found(Self.packets(parts)) == Self.all)
    }

    @Test(arguments: 0..<40)
    func anyOrderGivesTheSamePackets(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let first = UInt32.max - 1000
        let size = Int.random(in: 10...300, using: &random)
        var parts = Self.segments(try messages(Self.count), size: size, first: first)
        // Some come again later, some with their neighbours, some as parts.
        for part in parts where Bool.random(using: &random) {
            let cut = Int.random(in: 0..<part.payload.count, using: &random)
            parts.append((part.sequence &+ UInt32(cut), part.payload.dropFirst(cut)))
            parts.append((part.sequence, part.payload.prefix(cut)))
        }
        for (one, other) in zip(parts, parts.dropFirst())
        where one.sequence &+ UInt32(one.payload.count) == other.sequence {
            if Int.random(in: 0..<4, using: &random) == 0 {
                parts.append((one.sequence, (Array(one.payload) + other.payload)[...]))
            }
        }
        parts.shuffle(using: &random)
        let opening = [segment(first &- 1, [], flags: 0x02)]
        #expect(found(opening + Self.packets(parts), step: 1000) == Self.all)
    }

    @Test func bothDirectionsAreConnectionsOfTheirOwn() throws {
        let all = try messages(4)
        let packets = [
            segment(1, all[0][...]), segment(1, all[1][...], isReversed: true),
            segment(1 + UInt32(all[0].count), all[2][...]),
            segment(1 + UInt32(all[1].count), all[3][...], isReversed: true),
        ]
        let read = sightings(packets).sightings
        #expect(found(read) == [.reqid(0), .reqid(1), .reqid(2), .reqid(3)])
        #expect(read.map(\.source) == [nodeA, nodeB, nodeA, nodeB])
        #expect(read.map(\.number) == [1, 2, 3, 4])
        #expect(read.map { $0.time?.nanoseconds } == [0, 1_000_000, 2_000_000, 3_000_000])
    }

    @Test func aCaptureThatBeginsInAPacketGoesOnWithTheNext() throws {
        let parts = Self.segments(try messages(Self.count), size: 100)
        for dropped in 1..<10 {
            let read = found(Self.packets(Array(parts.dropFirst(dropped))))
            guard case .gap(missing: 0, let unused) = read.first else {
                // A segment may begin with a packet.
                #expect(read == Array(Self.all.suffix(read.count)))
                continue
            }
            #expect(unused > 0 && unused < 100)
            #expect(Array(read.dropFirst()) == Array(Self.all.suffix(read.count - 1)))
        }
    }

    @Test func aSegmentThatWasNotCapturedIsAGap() throws {
        let parts = Self.segments(try messages(Self.count), size: 100)
        var rest = parts
        let lost = rest.remove(at: 5)
        let read = found(Self.opening + Self.packets(rest))
        let gaps = read.compactMap { one in
            if case .gap(let missing, let unused) = one { (missing, unused) } else { nil }
        }
        #expect(gaps.map(\.0).reduce(0, +) == lost.payload.count)
        // Everything is a packet, missing, or not usable.
        let lengths = try messages(Self.count).map(\.count)
        let reqids = read.compactMap { one in
            if case .reqid(let reqid) = one { Int(reqid) } else { nil }
        }
        let whole = reqids.map { lengths[$0] }.reduce(0, +)
        let unused = gaps.map(\.1).reduce(0, +)
        #expect(whole + lost.payload.count + unused == lengths.reduce(0, +))
        #expect(reqids == reqids.sorted() && Set(reqids).count == reqids.count)
    }

    @Test func aGapIsSaidOnceTheOtherEndHasWhatIsMissing() throws {
        let parts = Self.segments(try messages(Self.count), size: 100)
        let end = parts[9].sequence
        var packets = Self.packets(Array(parts[..<5] + parts[6..<9]))
        packets.append(segment(1, [], acknowledgement: end, isReversed: true))
        packets += Self.packets(Array(parts[9..<10]))
        // A tenth of a second later.
        var decoder = CaptureDecoder()
        var read: [Sighting] = []
        for (number, packet) in packets.enumerated() {
            let time = Int64(number) * 1_000_000 + (number == packets.count - 1 ? 200_000_000 : 0)
            decoder.take(
                .packet(
                    RawPacket(
                        time: CaptureTime(nanoseconds: time), interface: 0, bytes: packet[...])),
                interfaces: [CaptureInterface(linkType: .raw)])
            while let sighting = decoder.next() { read.append(sighting) }
        }
        #expect(found(read).contains { if case .gap(100, _) = $0 { true } else { false } })
    }

    @Test func whatTheSnapLengthCutOffIsAGap() throws {
        let all = try messages(Self.count)
        let whole = segment(1, all[40][...])
        let next = segment(1 + UInt32(all[40].count), all[41][...])
        let read = found(Self.opening + [Array(whole.dropLast(10)), next])
        #expect(read == [.gap(missing: 10, unused: all[40].count - 10), .reqid(41)])
    }

    @Test func aPortThatIsUsedAgainIsANewConnection() throws {
        let all = try messages(4)
        let first = [segment(0, [], flags: 0x02), segment(1, all[0][...])]
        // The old one ends within a packet.
        let half = segment(1 + UInt32(all[0].count), all[1][..<20])
        let second = [
            segment(77_000, [], flags: 0x02), segment(77_001, all[2][...]),
            // The beginning again, late.
            segment(77_000, [], flags: 0x02),
            segment(77_001 + UInt32(all[2].count), all[3][...]),
        ]
        #expect(
            found(first + [half] + second)
                == [.reqid(0), .gap(missing: 0, unused: 20), .reqid(2), .reqid(3)])
    }

    @Test func aJumpOfSequenceNumbersIsAnotherCapture() throws {
        let all = try messages(3)
        let packets = [
            segment(1, all[0][...]), segment(0x4000_0000, all[1][...]),
            segment(0x4000_0000 &+ UInt32(all[1].count), all[2][...]),
        ]
        #expect(found(packets) == [.reqid(0), .reqid(1), .reqid(2)])
    }

    @Test func aStreamThatLosesItsPlaceFindsItAgain() throws {
        let all = try messages(3)
        let stream = all[0] + [UInt8](repeating: 0x42, count: 100) + all[1] + all[2]
        #expect(
            found(Self.opening + [segment(1, stream[...])])
                == [.reqid(0), .gap(missing: 0, unused: 100), .reqid(1), .reqid(2)])
        for size in [1, 5, 64] {
            let parts = Self.segments([stream], size: size)
            #expect(
                found(Self.opening + Self.packets(parts))
                    == [.reqid(0), .gap(missing: 0, unused: 100), .reqid(1), .reqid(2)])
        }
    }

    @Test func packetsOfBothByteOrdersAreRead() throws {
        let big = try messages(3, layout: big64)
        let little = try messages(3)
        #expect(
            found(Self.opening + Self.packets(Self.segments(big + little, size: 50)))
                == [0, 1, 2, 0, 1, 2].map { .reqid($0) })
    }

    @Test func manyConnectionsAreKnownAtATimeButNotAll() throws {
        let message = try messages(1)[0]
        var packets: [[UInt8]] = []
        for number in 0..<20_000 {
            var packet = segment(1, message[...])
            packet[12] = 11
            packet[14] = UInt8(number >> 8)
            packet[15] = UInt8(number & 0xFF)
            packets.append(packet)
        }
        #expect(found(packets).count == 20_000)
    }

    @Test(arguments: 0..<30)
    func damagedStreamsAreReadOrSaidToBeDamaged(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var parts = Self.segments(try messages(Self.count), size: 90)
        for index in parts.indices where Int.random(in: 0..<5, using: &random) == 0 {
            var payload = Array(parts[index].payload)
            let place = Int.random(in: 0..<payload.count, using: &random)
            payload[place] = UInt8.random(in: 0...255, using: &random)
            parts[index].payload = payload[...]
            parts[index].sequence &+= UInt32.random(in: 0...3, using: &random) &- 1
        }
        let read = sightings(Self.opening + Self.packets(parts))
        #expect(read.sightings.count <= 3 * Self.count)
    }
}
