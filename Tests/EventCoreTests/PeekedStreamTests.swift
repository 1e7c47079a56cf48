// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Testing
import Vocabulary

@Suite struct PeekedStreamTests {
    private static func packet(_ reqid: UInt32, _ event: String) throws -> [UInt8] {
        try EventPacket(
            reqid: Reqid(rawValue: reqid),
            body: EventRequest.status(EventStatusRequest(component: "legacy", event: event))
        ).encode(layout: .native)
    }

    private static func packets(_ found: PeekedStream.Found) -> [UInt64: [UInt8]] {
        guard case .packets(let all) = found else { return [:] }
        return Dictionary(uniqueKeysWithValues: all.map { ($0.number, Array($0.bytes)) })
    }

    @Test func whatWasFoundIsNotFoundAgain() throws {
        var stream = PeekedStream(layout: .native, maximumLength: 1000)
        let first = try Self.packet(1, "monitor")
        let second = try Self.packet(2, "takeip")
        #expect(Self.packets(stream.look(at: first + second.prefix(7))) == [1: first])
        #expect(Self.packets(stream.look(at: first + second.prefix(9))) == [:])
        #expect(Self.packets(stream.look(at: first + second)) == [2: second])
        #expect(!stream.isIdle && stream.waitingByteCount == first.count + second.count)
    }

    @Test func bytesGoInTheirOrderWhateverIsAnsweredFirst() throws {
        var stream = PeekedStream(layout: .native, maximumLength: 1000)
        let all = try (1...3).map { try Self.packet($0, String(repeating: "x", count: Int($0))) }
        _ = stream.look(at: all.flatMap { $0 })
        #expect(stream.answer(2) == 0)
        #expect(stream.answer(9) == 0)
        #expect(stream.answer(1) == all[0].count + all[1].count)
        // What is left begins with the third.
        #expect(Self.packets(stream.look(at: all[2])) == [:])
        #expect(stream.answer(3) == all[2].count)
        #expect(stream.isIdle && stream.waitingByteCount == 0)
    }

    @Test func whatIsNoPacketIsSaidAfterThoseInFrontOfIt() throws {
        var stream = PeekedStream(layout: .native, maximumLength: 1000)
        let good = try Self.packet(1, "monitor")
        let bytes = good + [3, 0, 0, 0]
        #expect(Self.packets(stream.look(at: bytes)) == [1: good])
        guard case .invalid = stream.look(at: bytes) else {
            Issue.record("it is not said")
            return
        }
        guard case .invalid = stream.look(at: good + [0xE9, 3, 0, 0]) else {
            Issue.record("1001 bytes are not too long")
            return
        }
    }
}
