// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import ProxyCore
import Testing
import Vocabulary

@Suite struct FanoutTests {
    private let own = PNN(rawValue: 0)
    private let key = FlowKey(
        source: Address(node: PNN(rawValue: 0), service: .cluster, instance: Instance(rawValue: 9)),
        destination: Address(
            node: .broadcastAll, service: .echo, instance: Instance(rawValue: 0)),
        lane: .normal)

    private func settle(
        _ fanout: inout Fanout, _ code: OutcomeCode, _ id: UInt64, _ node: UInt32,
        isPossible: Bool = false
    ) -> [Outcome] {
        fanout.settle(
            key.outcome(code, id: id, by: PNN(rawValue: node), possiblyDelivered: isPossible),
            from: PNN(rawValue: node), own: own)
    }

    private func nodes(_ numbers: UInt32...) -> [PNN] { numbers.map { PNN(rawValue: $0) } }

    private func reached(_ id: UInt64, _ node: UInt32) -> Outcome {
        key.outcome(.reached, id: id, by: PNN(rawValue: node))
    }

    @Test func eachNodeIsToldAndThenTheWhole() {
        var fanout = Fanout()
        fanout.begin(5, of: key, to: nodes(0, 1, 2))
        #expect(settle(&fanout, .consumed, 5, 1) == [reached(5, 1)])
        #expect(
            settle(&fanout, .noSuchService, 5, 2, isPossible: true)
                == [
                    key.outcome(
                        .noSuchService, id: 5, by: PNN(rawValue: 2), possiblyDelivered: true)
                ])
        #expect(
            settle(&fanout, .consumed, 5, 0)
                == [reached(5, 0), key.outcome(.consumed, id: 5, by: own)])
        #expect(fanout == Fanout())
    }

    @Test func aNodeIsToldOnce() {
        var fanout = Fanout()
        fanout.begin(5, of: key, to: nodes(0, 1))
        #expect(settle(&fanout, .consumed, 5, 1) == [reached(5, 1)])
        #expect(settle(&fanout, .consumed, 5, 1) == [])
        #expect(settle(&fanout, .consumed, 5, 7) == [])
    }

    @Test func aCumulativeOutcomeSettlesAllUpToItAndAFailureItsOwn() {
        var fanout = Fanout()
        for id: UInt64 in [5, 6, 7] { fanout.begin(id, of: key, to: nodes(1)) }
        #expect(
            settle(&fanout, .queueFull, 6, 1)
                == [key.outcome(.queueFull, id: 6, by: PNN(rawValue: 1))])
        #expect(
            settle(&fanout, .consumed, 7, 1)
                == [reached(5, 1), reached(7, 1), key.outcome(.consumed, id: 7, by: own)])
    }

    @Test func theWholeIsToldInTheOrderOfThePackets() {
        var fanout = Fanout()
        fanout.begin(5, of: key, to: nodes(1, 2))
        fanout.begin(6, of: key, to: nodes(1))
        #expect(settle(&fanout, .consumed, 6, 1) == [reached(5, 1), reached(6, 1)])
        #expect(
            settle(&fanout, .consumed, 5, 2)
                == [reached(5, 2), key.outcome(.consumed, id: 6, by: own)])
    }

    @Test func anEmptyGroupIsFinishedAtOnce() {
        var fanout = Fanout()
        fanout.begin(5, of: key, to: [])
        #expect(fanout.finish(key, own: own) == [key.outcome(.consumed, id: 5, by: own)])
        #expect(fanout.finish(key, own: own) == [])
    }

    @Test func whatWasNotBegunIsNothing() {
        var fanout = Fanout()
        #expect(settle(&fanout, .consumed, 5, 1) == [])
        #expect(fanout == Fanout())
    }
}
