// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Testing
import Vocabulary

@Suite struct OutboxTests {
    private let now = Instant(nanoseconds: 1_000_000_000)
    private let node = PNN(rawValue: 0)

    private func key(_ number: UInt64, _ lane: Lane = .normal) -> FlowKey {
        FlowKey(
            source: Address(
                node: node, service: .cluster, instance: Instance(rawValue: number)),
            destination: Pair.service, lane: lane)
    }

    private func held(
        _ id: UInt64, _ byteCount: Int = 100, deadline: Instant? = nil, resent: Bool = false
    ) -> Outbox.Held {
        Outbox.Held(
            id: id, bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: id), count: byteCount)[...],
            deadline: deadline, resent: resent)
    }

    /// The numbers that the packets of the next frame are filled with.
    private func send(
        _ outbox: inout Outbox, _ lane: Lane = .normal, frame: UInt64, limit: Int = 100_000
    ) -> [UInt8] {
        var resent: Bool?
        var packets: [ArraySlice<UInt8>] = []
        _ = outbox.send(lane, inFrame: frame, limit: limit, resent: &resent, into: &packets)
        return packets.map { $0.first ?? 0 }
    }

    @Test func whatIsHeldIsCountedUntilItsOutcome() {
        var outbox = Outbox()
        #expect(outbox.isEmpty)
        outbox.hold(held(1, 40), of: key(1))
        outbox.hold(held(2, 60), of: key(1))
        #expect(outbox.heldByteCount == 100)
        #expect(outbox.heldCount == 2)
        #expect(send(&outbox, frame: 1) == [1, 2])
        let outcome = key(1).outcome(.consumed, id: 2, by: node)
        #expect(outbox.settle(outcome, acknowledged: 1) == outcome)
        #expect(outbox.heldByteCount == 0)
        #expect(outbox.isEmpty)
        #expect(outbox.settle(outcome, acknowledged: 1) == nil)
    }

    @Test func aFrameTakesAtMostItsLimitButOnePacketAlways() {
        var outbox = Outbox()
        for id: UInt64 in 1...3 { outbox.hold(held(id, 100), of: key(1)) }
        #expect(send(&outbox, frame: 1, limit: 250) == [1, 2])
        #expect(send(&outbox, frame: 2, limit: 10) == [3])
        #expect(!outbox.hasWaiting(.normal))
    }

    @Test func flowsTakeTurnsSixteenKilobytesEach() {
        var outbox = Outbox()
        for id: UInt64 in 1...4 { outbox.hold(held(id, 10_000), of: key(1)) }
        for id: UInt64 in 11...13 { outbox.hold(held(id, 10_000), of: key(2)) }
        #expect(send(&outbox, frame: 1) == [1, 2, 11, 12, 3, 4, 13])
    }

    @Test func lanesDoNotMix() {
        var outbox = Outbox()
        outbox.hold(held(1), of: key(1))
        outbox.hold(held(2), of: key(1, .urgent))
        #expect(send(&outbox, .urgent, frame: 1) == [2])
        #expect(outbox.hasWaiting(.normal))
        #expect(!outbox.hasWaiting(.urgent))
    }

    @Test func aFrameHasPacketsOfOneKindOnly() {
        var outbox = Outbox()
        outbox.hold(held(1, resent: true), of: key(1))
        outbox.hold(held(2), of: key(1))
        #expect(send(&outbox, frame: 1) == [1])
        #expect(send(&outbox, frame: 2) == [2])
    }

    @Test func aConsumedCountsForAcknowledgedFramesOnly() {
        var outbox = Outbox()
        outbox.hold(held(1), of: key(1))
        _ = send(&outbox, frame: 1)
        outbox.hold(held(2), of: key(1))
        _ = send(&outbox, frame: 2)
        let outcome = key(1).outcome(.consumed, id: 2, by: node)
        #expect(
            outbox.settle(outcome, acknowledged: 1) == key(1).outcome(.consumed, id: 1, by: node))
        #expect(outbox.holds(2, of: key(1)) == true)
        #expect(outbox.holds(1, of: key(1)) == false)
    }

    @Test func aConsumedDoesNotCountForWhatWasNeverSent() {
        var outbox = Outbox()
        outbox.hold(held(1), of: key(1))
        #expect(outbox.settle(key(1).outcome(.consumed, id: 1, by: node), acknowledged: 9) == nil)
        #expect(outbox.heldCount == 1)
    }

    @Test func aFailureTakesOutItsOwnPacketOnly() {
        var outbox = Outbox()
        for id: UInt64 in [1, 4, 7] { outbox.hold(held(id), of: key(1)) }
        _ = send(&outbox, frame: 1)
        let failure = key(1).outcome(.queueFull, id: 4, by: node)
        #expect(outbox.settle(failure, acknowledged: 0) == failure)
        #expect(outbox.settle(failure, acknowledged: 0) == nil)
        #expect(outbox.holds(1, of: key(1)) == true)
        #expect(outbox.holds(4, of: key(1)) == false)
        #expect(outbox.holds(7, of: key(1)) == true)
    }

    @Test func whatWasNotAcknowledgedIsSentAgainInItsOrder() {
        var outbox = Outbox()
        for id: UInt64 in 1...3 {
            outbox.hold(held(id), of: key(1))
            _ = send(&outbox, frame: id)
        }
        outbox.rewind(.unacknowledged(after: 1))
        #expect(send(&outbox, frame: 1) == [2, 3])
        outbox.rewind(.everything)
        #expect(send(&outbox, frame: 1) == [1, 2, 3])
    }

    @Test func anotherLifeIsToldThatItComesAgainButForStrays() {
        var outbox = Outbox()
        for id: UInt64 in 1...2 {
            outbox.hold(held(id), of: key(1))
            _ = send(&outbox, frame: id)
        }
        outbox.hold(held(3), of: key(1))
        outbox.rewind(.toAnotherLife(firstStray: 2))
        var resent: Bool?
        var packets: [ArraySlice<UInt8>] = []
        #expect(
            outbox.send(.normal, inFrame: 1, limit: 9_999, resent: &resent, into: &packets) == 100)
        #expect(resent == true)
        resent = nil
        #expect(
            outbox.send(.normal, inFrame: 2, limit: 9_999, resent: &resent, into: &packets) == 200)
        #expect(resent == false)
    }

    @Test func onlyWaitingPacketsPassTheirDeadline() {
        var outbox = Outbox()
        outbox.hold(held(1, deadline: now), of: key(1))
        #expect(send(&outbox, frame: 1) == [1])
        outbox.hold(held(2, deadline: now), of: key(1))
        outbox.hold(held(3, deadline: now.advanced(byMilliseconds: 1)), of: key(1))
        #expect(outbox.deadlineCount == 2)
        #expect(
            outbox.expire(at: now, reporter: node)
                == [key(1).outcome(.deadlinePassed, id: 2, by: node)])
        #expect(outbox.deadlineCount == 1)
        #expect(outbox.heldCount == 2)
    }

    @Test func whoFailsAllSaysWhatMayHaveBeenDelivered() {
        var outbox = Outbox()
        outbox.hold(held(1), of: key(1))
        _ = send(&outbox, frame: 1)
        outbox.hold(held(2), of: key(1))
        outbox.hold(held(3, resent: true), of: key(2))
        #expect(
            outbox.failSent(.serviceGone, reporter: node)
                == [key(1).outcome(.serviceGone, id: 1, by: node, possiblyDelivered: true)])
        #expect(
            outbox.failAll(.nodeGone, reporter: node)
                == [
                    key(1).outcome(.nodeGone, id: 2, by: node),
                    key(2).outcome(.nodeGone, id: 3, by: node, possiblyDelivered: true),
                ])
        #expect(outbox.isEmpty)
        #expect(outbox.heldByteCount == 0)
    }

    @Test func manyFlowsThatRestAreForgotten() {
        var outbox = Outbox()
        for number: UInt64 in 1...200 {
            outbox.hold(held(1), of: key(number))
            _ = send(&outbox, frame: number)
            let outcome = key(number).outcome(.consumed, id: 1, by: node)
            #expect(outbox.settle(outcome, acknowledged: number) != nil)
        }
        #expect(outbox.isEmpty)
        outbox.hold(held(2), of: key(1))
        #expect(send(&outbox, frame: 201) == [2])
    }
}
