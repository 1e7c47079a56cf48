// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Testing
import Vocabulary

@Suite struct IntakeTests {
    let now = Instant(nanoseconds: 5)
    let node = PNN(rawValue: 1)

    private func consider(_ intake: inout Intake, _ id: UInt64, resent: Bool = false)
        -> Intake.Verdict
    {
        intake.consider(id, of: Pair.key, resent: resent, reporter: node, at: now)
    }

    @Test func aPacketIsTakenOnceAndItsOutcomeToldAgain() {
        var intake = Intake(isFinal: false)
        #expect(consider(&intake, 3) == .take)
        #expect(consider(&intake, 3) == .duplicate([]))
        let outcome = Pair.key.outcome(.consumed, id: 3, by: node)
        intake.settle(outcome, at: now)
        #expect(consider(&intake, 3) == .duplicate([outcome]))
        #expect(consider(&intake, 4) == .take)
    }

    @Test func failuresAreToldBeforeWhatWasConsumed() {
        var intake = Intake(isFinal: false)
        for id: UInt64 in 1...3 { _ = consider(&intake, id) }
        let failure = Pair.key.outcome(.queueFull, id: 2, by: node)
        let consumed = Pair.key.outcome(.consumed, id: 3, by: node)
        intake.settle(failure, at: now)
        intake.settle(consumed, at: now)
        #expect(consider(&intake, 1) == .duplicate([failure, consumed]))
        #expect(consider(&intake, 3) == .duplicate([consumed]))
    }

    @Test func aForgottenFailureIsNotToldAsConsumed() {
        var intake = Intake(isFinal: false)
        for id: UInt64 in 1...50 {
            _ = consider(&intake, id)
            intake.settle(Pair.key.outcome(.queueFull, id: id, by: node), at: now)
        }
        _ = consider(&intake, 51)
        intake.settle(Pair.key.outcome(.consumed, id: 51, by: node), at: now)
        #expect(
            consider(&intake, 4)
                == .duplicate([
                    Pair.key.outcome(.proxyGone, id: 4, by: node, possiblyDelivered: true)
                ]))
    }

    @Test func onlyTheServiceItselfFindsAPacketUndecidable() {
        var final = Intake(isFinal: true)
        #expect(consider(&final, 1, resent: true) == .undecidable)
        #expect(consider(&final, 2) == .take)
        #expect(consider(&final, 3, resent: true) == .take)
        var onTheWay = Intake(isFinal: false)
        #expect(consider(&onTheWay, 1, resent: true) == .take)
    }

    @Test func restingFlowsAreForgotten() {
        var intake = Intake(isFinal: false)
        _ = consider(&intake, 1)
        let later = now.advanced(byMilliseconds: Intake.idleMilliseconds)
        intake.sweep(at: later)
        #expect(intake.flowCount == 1)
        intake.settle(Pair.key.outcome(.consumed, id: 1, by: node), at: now)
        intake.sweep(at: later)
        #expect(intake.flowCount == 0)
    }
}
