// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import StageCore
import Testing
import Vocabulary

/// Events in, effects out.
@Suite struct ParticipationTests {
    private var machine = Participation()

    /// Takes an event, and gives the effects without the notes.
    private mutating func take(
        _ event: Participation.Event, at seconds: UInt64 = 1
    ) -> [Participation.Effect] {
        machine.handle(event, at: at(seconds)).filter {
            if case .note = $0 { false } else { true }
        }
    }

    /// Brings it to a stage that is recorded with an epoch.
    private mutating func follow(_ stage: Stage, epoch: UInt64, at seconds: UInt64 = 1) {
        var effects = take(.read(.stage(stage, epoch: epoch)), at: seconds)
        while case .enter(let next)? = effects.first {
            effects = take(.entered(next), at: seconds)
        }
    }

    @Test mutating func itGoesUpStepByStep() {
        #expect(machine.detail == "the stages have not been read yet")
        #expect(take(.read(.stage(.native, epoch: 4))) == [.enter(.shadow)])
        #expect(!machine.mayAct(at: at(1)))
        #expect(take(.entered(.shadow)) == [.enter(.native)])
        #expect(!machine.mayAct(at: at(1)))
        #expect(take(.entered(.native)) == [])
        #expect(machine.mayAct(at: at(1)))
        #expect(machine.detail == "")
    }

    @Test mutating func itStopsActingBeforeItGoesDown() {
        follow(.native, epoch: 4)
        #expect(take(.read(.stage(.shadow, epoch: 5))) == [.enter(.shadow)])
        #expect(!machine.mayAct(at: at(1)))
        #expect(machine.inEffect == .native)
        #expect(take(.entered(.shadow)) == [])
        #expect(take(.read(.stage(.legacy, epoch: 6))) == [.enter(.legacy)])
        #expect(take(.entered(.legacy)) == [])
        #expect(machine.inEffect == .legacy)
    }

    @Test mutating func aStepUpThatIsNoLongerWantedIsGivenUp() {
        _ = take(.read(.stage(.native, epoch: 4)))
        #expect(take(.entered(.shadow)) == [.enter(.native)])
        #expect(take(.read(.stage(.shadow, epoch: 5))) == [.enter(.shadow)])
        #expect(take(.entered(.native)) == [])
        #expect(machine.inEffect == .shadow)
        #expect(take(.entered(.shadow)) == [])
        #expect(machine.inEffect == .shadow)
    }

    @Test mutating func anUnfitDaemonGivesBackAndRecordsIt() {
        follow(.native, epoch: 4)
        #expect(
            take(.unfit(reason: "3 errors in a row"))
                == [.enter(.shadow), .reverse(epoch: 4, reason: "3 errors in a row")])
        #expect(take(.entered(.shadow)) == [])
        #expect(machine.detail == "not fit: 3 errors in a row")
        // It could not be recorded: once more a second later.
        #expect(take(.notReversed(reason: "ctdbd is away"), at: 5) == [.wake(at: at(6))])
        #expect(
            take(.wake, at: 6) == [.reverse(epoch: 4, reason: "3 errors in a row")])
        #expect(take(.read(.stage(.shadow, epoch: 5)), at: 7) == [])
        #expect(machine.unfitReason == nil)
        // An administrator may try again.
        #expect(take(.read(.stage(.native, epoch: 6)), at: 8) == [.enter(.native)])
    }

    @Test mutating func anUnfitDaemonStaysWhereNothingIsLeftToGoBackTo() {
        follow(.finalised, epoch: 9)
        #expect(take(.unfit(reason: "slow")) == [])
        #expect(machine.mayAct(at: at(1)))
    }

    @Test mutating func whatFailsForGoodIsReversed() {
        follow(.shadow, epoch: 3)
        #expect(take(.read(.stage(.native, epoch: 4))) == [.enter(.native)])
        #expect(
            take(.failed(.native, reason: "no ptrace", isForNow: false))
                == [.reverse(epoch: 4, reason: "no ptrace")])
    }

    @Test mutating func whatFailsForNowIsTriedAgain() {
        follow(.shadow, epoch: 3)
        #expect(take(.read(.stage(.native, epoch: 4))) == [.enter(.native)])
        #expect(
            take(.failed(.native, reason: "ctdbd is away", isForNow: true)) == [.wake(at: at(2))])
        #expect(machine.detail == "ctdbd is away")
        #expect(take(.wake, at: 2) == [.enter(.native)])
    }

    @Test mutating func aHoldOffThatRunsOutEndsActing() {
        _ = take(.read(.stage(.native, epoch: 4)))
        _ = take(.entered(.shadow))
        #expect(take(.heldOff(until: at(31))) == [])
        #expect(take(.entered(.native)) == [.wake(at: at(29))])
        #expect(machine.mayAct(at: at(28)))
        #expect(!machine.mayAct(at: at(29)))
        #expect(take(.heldOff(until: at(41)), at: 11) == [.wake(at: at(39))])
        #expect(take(.wake, at: 39) == [.enter(.shadow)])
        #expect(machine.detail == "ctdbd could not be held off")
        #expect(take(.entered(.shadow), at: 39) == [.wake(at: at(40))])
        #expect(take(.wake, at: 40) == [.enter(.native)])
    }

    /// As when an earlier life has left one in ctdbd, and our own request is lost.
    @Test mutating func withoutAHoldOffOfItsOwnItDoesNotAct() {
        machine = Participation(settings: .init(holdOffExpires: true))
        _ = take(.read(.stage(.native, epoch: 4)))
        #expect(take(.entered(.shadow)) == [.enter(.native)])
        #expect(take(.entered(.native)) == [.enter(.shadow)])
        #expect(!machine.mayAct(at: at(1)))
        #expect(machine.detail == "ctdbd could not be held off")
        #expect(take(.entered(.shadow)) == [.wake(at: at(2))])
        #expect(take(.wake, at: 2) == [.enter(.native)])
        #expect(take(.heldOff(until: at(32)), at: 2) == [])
        #expect(take(.entered(.native), at: 2) == [.wake(at: at(30))])
        #expect(machine.mayAct(at: at(2)))
    }

    @Test mutating func aHoldOffThatWasGivenBackIsNotReliedOn() {
        machine = Participation(settings: .init(holdOffExpires: true))
        _ = take(.read(.stage(.native, epoch: 4)))
        _ = take(.entered(.shadow))
        _ = take(.heldOff(until: at(31)))
        _ = take(.failed(.native, reason: "ctdbd is away", isForNow: true))
        // An answer that comes late is of that one too.
        _ = take(.heldOff(until: at(31)))
        #expect(take(.wake, at: 2) == [.enter(.native)])
        #expect(take(.entered(.native), at: 2) == [.enter(.shadow)])
        #expect(!machine.mayAct(at: at(2)))
    }

    /// Between native and finalised there is no step that begins with acting no more.
    @Test(arguments: [Stage.native, .finalised])
    mutating func aHoldOffThatRunsOutEndsActingOnTheWay(from stage: Stage) {
        follow(.shadow, epoch: 3)
        _ = take(.read(.stage(.native, epoch: 4)))
        _ = take(.heldOff(until: at(31)))
        follow(stage, epoch: 5)
        _ = take(.entered(.native))
        _ = take(.entered(stage))
        #expect(machine.inEffect == stage)
        let other = stage == .native ? Stage.finalised : .native
        #expect(take(.read(.stage(other, epoch: 6))).first == .enter(other))
        #expect(machine.mayAct(at: at(28)))
        _ = take(.wake, at: 29)
        #expect(!machine.mayAct(at: at(29)))
        #expect(!machine.mayAct(at: at(300)))
    }

    @Test mutating func whatIsGoneWithCtdbdIsTakenAgain() {
        follow(.native, epoch: 4)
        #expect(take(.dropped(reason: "ctdbd has ended")) == [.wake(at: at(2))])
        #expect(machine.inEffect == .shadow)
        #expect(!machine.mayAct(at: at(1)))
        #expect(take(.wake, at: 2) == [.enter(.native)])
    }

    @Test mutating func aRecordThatCannotBeReadChangesNothing() {
        follow(.native, epoch: 4)
        #expect(take(.read(.unreadable("damaged"))) == [])
        #expect(machine.inEffect == .native)
        #expect(machine.mayAct(at: at(1)))
        #expect(machine.detail == "damaged")
        #expect(take(.read(.stage(.unknown(9), epoch: 5))) == [])
        #expect(machine.inEffect == .native)
        #expect(machine.detail == "this version does not know stage-9")
    }

    @Test mutating func aStopGivesEverythingBack() {
        follow(.native, epoch: 4)
        #expect(take(.stopping) == [.enter(.shadow)])
        #expect(take(.entered(.shadow)) == [.enter(.legacy)])
        #expect(take(.entered(.legacy)) == [.finished])
        #expect(take(.read(.stage(.native, epoch: 8))) == [])
    }
}
