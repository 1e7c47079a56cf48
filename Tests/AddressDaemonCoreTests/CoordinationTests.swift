// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import StageCore
import Testing
import Vocabulary

@Suite struct CoordinationTests {
    private static func nodes(_ numbers: UInt32...) -> [PNN] { numbers.map(PNN.init(rawValue:)) }
    private func time(_ seconds: Int64) -> Instant {
        Instant(nanoseconds: 1).advanced(by: .seconds(100 + seconds))
    }

    private func coordination(_ own: UInt32, leader: UInt32?) -> Coordination {
        var one = Coordination()
        one.own = PNN(rawValue: own)
        one.learn(
            stages: [
                PNN(rawValue: 0): .shadow, PNN(rawValue: 1): .native, PNN(rawValue: 2): .finalised,
            ],
            active: Self.nodes(0, 1, 2), leader: leader.map(PNN.init(rawValue:)), at: time(0))
        return one
    }

    @Test func leaderComesFirstWhereItsFunctionIsTakenOver() {
        #expect(coordination(1, leader: 2).candidates == Self.nodes(2, 1))
        #expect(coordination(1, leader: 0).candidates == Self.nodes(1, 2))
        #expect(coordination(1, leader: nil).candidates == Self.nodes(1, 2))
    }

    @Test func oneThatIsNotHeardIsPassedOver() {
        var one = coordination(2, leader: nil)
        expect(&one) { $0.decide(canAct: true, at: time(0)) }
        #expect(one.coordinator == PNN(rawValue: 1))
        expect(&one) { !$0.decide(canAct: true, at: time(3)) }
        expect(&one) { $0.hear(PNN(rawValue: 1), term: 7, at: time(3)) }
        expect(&one) { !$0.decide(canAct: true, at: time(6)) }
        expect(&one) { $0.decide(canAct: true, at: time(7)) }
        #expect(one.isOwn)
        #expect(one.orderTerm == 8)
        // The other one was only slow: it comes first again, in a later term.
        expect(&one) { !$0.hear(PNN(rawValue: 1), term: 7, at: time(8)) }
        expect(&one) { $0.hear(PNN(rawValue: 1), term: 9, at: time(8)) }
        expect(&one) { $0.decide(canAct: true, at: time(8)) }
        #expect(one.coordinator == PNN(rawValue: 1))
    }

    @Test func whoMayNotActDoesNotCoordinate() {
        var one = coordination(1, leader: nil)
        expect(&one) { $0.decide(canAct: false, at: time(0)) }
        #expect(one.coordinator == PNN(rawValue: 2))
    }

    /// A change of it that is to give true; the macro takes no changes.
    private func expect(
        _ one: inout Coordination, _ change: (inout Coordination) -> Bool,
        at place: SourceLocation = #_sourceLocation
    ) {
        let isSo = change(&one)
        #expect(isSo, sourceLocation: place)
    }
}
