// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Testing
import Vocabulary

/// Events in, effects out: when sockets are borrowed, and when they go back.
@Suite struct BorrowingTests {
    typealias Effect = Borrowing.Effect

    private static let lender = Borrowing.Lender(pid: 20, ctdbd: 10)
    private static let idle = Borrowing.Observation(
        wasIdle: true, scripts: [], waitsToWrite: false, endedScripts: 7, signals: [])

    private var machine = Borrowing()
    private var now = Instant(nanoseconds: 0)

    private mutating func handle(_ event: Borrowing.Event) -> [Effect] {
        machine.handle(event, at: now)
    }

    private func wake(in milliseconds: UInt64) -> Effect {
        .wake(at: now.advanced(byMilliseconds: milliseconds))
    }

    /// Goes as far as the lender's sockets being asked for.
    private mutating func approach() {
        _ = handle(.wanted(true))
        _ = handle(.found(.legacy(Self.lender, scripts: [])))
        _ = handle(.remembered(endedScripts: 7))
        _ = handle(.wake)
    }

    private mutating func borrow() {
        approach()
        _ = handle(.frozen(Self.idle))
        _ = handle(.serving)
    }

    @Test mutating func theWayThereAndBack() {
        #expect(handle(.wanted(true)) == [.find])
        #expect(handle(.found(.legacy(Self.lender, scripts: []))) == [.ask(Self.lender)])
        #expect(handle(.remembered(endedScripts: 7)) == [wake(in: 5)])
        #expect(handle(.wake) == [.freeze(Self.lender)])
        #expect(handle(.frozen(Self.idle)) == [.serve(Self.lender)])
        #expect(handle(.serving) == [.changed(.borrowed(Self.lender))])
        #expect(handle(.wanted(true)) == [])
        #expect(handle(.wanted(false)) == [.finish, .changed(.returning(Self.lender))])
        #expect(handle(.finished) == [.letGo, .changed(.legacy)])
        #expect(handle(.wanted(false)) == [])
    }

    @Test mutating func whoeverWantsItBackWhileItIsReturnedKeepsIt() {
        borrow()
        _ = handle(.wanted(false))
        #expect(handle(.wanted(true)) == [.goOn, .changed(.borrowed(Self.lender))])
        #expect(handle(.finished) == [])
    }

    @Test(arguments: [[31], [31, 32]] as [[Int32]])
    mutating func aLenderThatRunsScriptsIsLetGo(scripts: [Int32]) {
        approach()
        var observation = Self.idle
        observation.scripts = scripts
        #expect(handle(.frozen(observation)) == [.letGo, wake(in: 10)])
        #expect(handle(.wake) == [.find])
        #expect(handle(.found(.legacy(Self.lender, scripts: scripts))) == [wake(in: 10)])
    }

    @Test mutating func aLenderThatWritesOrHasRunSomethingIsAskedAgain() {
        var observation = Self.idle
        observation.waitsToWrite = true
        approach()
        #expect(handle(.frozen(observation)) == [.letGo, wake(in: 10)])
        // Something has run since its memory was taken over, however short.
        observation = Self.idle
        observation.endedScripts = 8
        _ = handle(.wake)
        _ = handle(.found(.legacy(Self.lender, scripts: [])))
        _ = handle(.remembered(endedScripts: 7))
        _ = handle(.wake)
        #expect(handle(.frozen(observation)) == [.letGo, wake(in: 10)])
        #expect(handle(.wake) == [.find])
    }

    @Test mutating func aLenderThatTakesLeaveOfWhoAskedIsTriedAgain() {
        approach()
        var observation = Self.idle
        observation.wasIdle = false
        for _ in 0..<39 {
            #expect(handle(.frozen(observation)) == [.letGo, wake(in: 5)])
            #expect(handle(.wake) == [.freeze(Self.lender)])
        }
        #expect(handle(.frozen(observation)) == [.letGo, wake(in: 10)])
        #expect(handle(.wake) == [.find])
    }

    @Test mutating func aLenderThatIsAlwaysBusyIsSpokenOf() {
        _ = handle(.wanted(true))
        for round in 1...100 {
            let effects = handle(.found(.legacy(Self.lender, scripts: [31])))
            if round < 100 {
                #expect(effects == [wake(in: 10)])
            } else {
                #expect(effects == [.changed(.waiting(.runs([31]))), wake(in: 100)])
            }
            #expect(handle(.wake) == [.find])
        }
    }

    @Test mutating func whatIsRefusedIsTriedAgainLater() {
        approach()
        let obstacle = Borrowing.Obstacle.refused("CAP_SYS_PTRACE is missing")
        #expect(handle(.unfrozen(obstacle)) == [.changed(.waiting(obstacle)), wake(in: 10_000)])
        #expect("\(obstacle)" == "CAP_SYS_PTRACE is missing")
        #expect(handle(.wanted(false)) == [.changed(.legacy)])
        #expect(handle(.wake) == [])
    }

    @Test mutating func whatIsNotWantedAnyMoreIsNotServed() {
        approach()
        #expect(handle(.wanted(false)) == [])
        #expect(handle(.frozen(Self.idle)) == [.letGo])
        approach()
        _ = handle(.frozen(Self.idle))
        #expect(handle(.wanted(false)) == [])
        #expect(
            handle(.serving) == [
                .changed(.borrowed(Self.lender)), .finish, .changed(.returning(Self.lender)),
            ])
    }

    @Test mutating func socketsThatCannotBeServedAreLeft() {
        approach()
        _ = handle(.frozen(Self.idle))
        let obstacle = Borrowing.Obstacle.failed("ctdbd is not connected")
        #expect(
            handle(.unserved(obstacle)) == [
                .letGo, .changed(.waiting(obstacle)), wake(in: 1000),
            ])
    }

    // MARK: Ends

    @Test(arguments: [Borrowing.Event.lenderEnded, .ctdbdEnded], [false, true])
    mutating func whoeverEndsIsLet(event: Borrowing.Event, isReturning: Bool) {
        borrow()
        if isReturning { _ = handle(.wanted(false)) }
        let effects = handle(event)
        #expect(effects.prefix(2) == [.abandon, .letGo])
        #expect(
            effects.dropFirst(2)
                == (isReturning
                    ? [.changed(.legacy)] : [.changed(.waiting(.nobody)), wake(in: 500)]))
    }

    @Test(arguments: [2, 9, 15] as [Int32])
    mutating func aLenderThatIsToEndIsLetGo(signal: Int32) {
        borrow()
        #expect(
            handle(.signals([signal])) == [
                .abandon, .letGo, .changed(.waiting(.signalled(signal))), wake(in: 500),
            ])
        var observation = Self.idle
        observation.signals = [signal]
        approach()
        _ = handle(.wake)
        _ = handle(.found(.legacy(Self.lender, scripts: [])))
        _ = handle(.remembered(endedScripts: 7))
        _ = handle(.wake)
        #expect(handle(.frozen(observation)) == [.letGo, wake(in: 500)])
    }

    @Test mutating func otherSignalsAreActedOnOnce() {
        borrow()
        #expect(handle(.signals([])) == [])
        #expect(handle(.signals([1])) == [.reopenLog])
        #expect(handle(.signals([1, 17])) == [])
        #expect(handle(.signals([1, 10])) == [.reload])
        #expect(handle(.signals([1, 10])) == [])
    }

    @Test mutating func whatCannotBeDoneHereIsLeftToTheLender() {
        borrow()
        #expect(
            handle(.unable("no memory")) == [
                .abandon, .letGo, .changed(.waiting(.failed("no memory"))), wake(in: 1000),
            ])
        #expect(handle(.unable("again")) == [])
    }

    @Test mutating func ourOwnDaemonIsLeftAlone() {
        _ = handle(.wanted(true))
        #expect(handle(.found(.own(pid: 5))) == [.changed(.own(pid: 5)), wake(in: 1000)])
        #expect(handle(.wake) == [.find])
        #expect(handle(.found(.own(pid: 5))) == [wake(in: 1000)])
        _ = handle(.wake)
        #expect(
            handle(.found(.nobody)) == [.changed(.waiting(.nobody)), wake(in: 500)])
    }

    /// Whatever comes in whatever order: a frozen lender is let go, and served only in between.
    @Test mutating func anyOrderKeepsTheRules() {
        var seed: UInt64 = 4711
        func random(_ count: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % count
        }
        var observations = [Self.idle, Self.idle, Self.idle]
        observations[1].wasIdle = false
        observations[2].scripts = [31]
        var isFrozen = false
        var isServed = false
        for _ in 0..<50_000 {
            let events: [Borrowing.Event] = [
                .wanted(true), .wanted(false), .wanted(true), .wake, .wake, .lenderEnded,
                .ctdbdEnded, .signals([1]), .signals([15]), .finished, .unable("x"),
                .found(.legacy(Self.lender, scripts: [])), .found(.nobody),
                .remembered(endedScripts: 7), .remembered(endedScripts: 7), .forgotten("x"),
                .unfrozen(.atWork), .frozen(observations[random(3)]), .serving,
                .unserved(.nobody),
            ]
            var event = events[random(events.count)]
            // What answers something comes only when that was asked for.
            switch event {
            case .frozen where !isFrozen, .unfrozen where !isFrozen: event = .wake
            case .serving where !isServed, .unserved where !isServed: event = .wake
            default: break
            }
            if case .unfrozen = event { isFrozen = false }
            for effect in handle(event) {
                switch effect {
                case .freeze:
                    #expect(!isFrozen)
                    isFrozen = true
                case .serve:
                    #expect(isFrozen && !isServed)
                    isServed = true
                case .letGo:
                    isFrozen = false
                    isServed = false
                default: break
                }
            }
            now = now.advanced(byMilliseconds: 10)
        }
    }
}
