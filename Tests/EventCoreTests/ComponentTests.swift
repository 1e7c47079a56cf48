// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Testing
import Vocabulary

/// What events of one component do to each other, and what time does to them.
@Suite struct ComponentTests {
    // MARK: Queues

    @Test func anEventWaitsForTheOneBefore() {
        var desk = Desk()
        desk.begin()
        #expect(desk.run(2, "takeip", "a") == [])
        #expect(desk.run(3, "releaseip") == [])
        _ = desk.end(1)
        #expect(
            desk.end(2) == [
                .note(.finished(script: "50.b", result: 0)), Desk.ran("startup", 0),
                Desk.answer(1, 0), .note(.running(event: "takeip", words: ["a"])),
                .list(RunID(2), component: "legacy"),
            ])
        // A folder that has gone away in between does not hold up the next one.
        #expect(
            desk.handle(.listed(RunID(2), .failed(errno: 2))) == [
                .note(.unreadable(component: "legacy", errno: 2)), Desk.answer(2, 2),
                .note(.running(event: "releaseip", words: [])),
                .list(RunID(3), component: "legacy"),
            ])
    }

    @Test func monitorGivesWayToWhatRuns() {
        var desk = Desk()
        desk.begin()
        #expect(desk.run(2, "monitor") == [Desk.answer(2, 125)])
        #expect(desk.status(3, "monitor") == [.reply(Desk.asker(3), .statusFailed(result: 22))])
    }

    @Test(arguments: ["takeip", "monitor"])
    func anythingCancelsMonitor(event: String) {
        var desk = Desk()
        desk.begin("monitor")
        #expect(
            desk.run(2, event) == [
                .kill(ScriptID(1)), Desk.answer(1, 125),
                .note(.running(event: EventText(Array(event.utf8)), words: [])),
                .list(RunID(2), component: "legacy"),
            ])
        // What the killed script was doing matters to nobody.
        #expect(desk.end(1) == [])
        let next = Desk.launch("00.a", EventText(Array(event.utf8)))
        #expect(
            desk.handle(.listed(RunID(2), .scripts(["00.a"])))
                == [
                    .note(.starting(next)), .start(ScriptID(2), next),
                    .wake(at: Desk.instant(30)),
                ].dropLast())
    }

    @Test func aMonitorIsCancelledWhileItsFolderIsRead() {
        var desk = Desk()
        _ = desk.run(1, "monitor")
        _ = desk.handle(.opened("legacy", errno: 0))
        #expect(
            desk.run(2, "takeip") == [
                Desk.answer(1, 125), .note(.running(event: "takeip", words: [])),
                .list(RunID(2), component: "legacy"),
            ])
        #expect(desk.handle(.listed(RunID(1), .scripts(["00.a"]))) == [])
    }

    @Test func componentsDoNotWaitForEachOther() {
        var desk = Desk()
        desk.begin()
        #expect(desk.run(2, "startup", component: "other") == [.open("other")])
        #expect(
            desk.handle(.opened("other", errno: 0)) == [
                .note(.running(event: "startup", words: [])),
                .list(RunID(2), component: "other"),
            ])
    }

    // MARK: Time

    @Test func aLateScriptIsGivenUp() {
        var desk = Desk()
        desk.begin()
        desk.seconds = 29
        #expect(desk.handle(.wake) == [.wake(at: Desk.instant(30))])
        desk.seconds = 30
        #expect(desk.handle(.wake) == [.giveUp(ScriptID(1))])
        #expect(
            desk.handle(.gaveUp(ScriptID(1), output: Array("so far".utf8))) == [
                .note(.output(script: "00.a", Array("so far".utf8))),
                .note(.finished(script: "00.a", result: -110)),
                .note(.timedOut(event: "startup")), Desk.ran("startup", -110), Desk.answer(1, 110),
            ])
        #expect(
            desk.status(2, "startup") == [
                .reply(
                    Desk.asker(2),
                    .status(
                        EventStatus(
                            summary: -110,
                            scripts: [Desk.result("00.a", 0, 30, -110, "so far")])))
            ])
        #expect(desk.handle(.leftOverEnded(ScriptID(1))) == [])
    }

    @Test func theTimeRunsFromTheRequestAndForAllScripts() {
        var desk = Desk()
        desk.begin(timeout: 30)
        desk.seconds = 10
        #expect(desk.run(2, "takeip", timeout: 30) == [])
        desk.seconds = 25
        _ = desk.end(1)
        #expect(desk.end(2).contains(.list(RunID(2), component: "legacy")))
        let launch = Desk.launch("00.a", "takeip")
        #expect(
            desk.handle(.listed(RunID(2), .scripts(["00.a"]))) == [
                .note(.starting(launch)), .start(ScriptID(3), launch),
                .wake(at: Desk.instant(40)),
            ])
    }

    @Test(arguments: [(0, 5), (UInt32.max, 5 + 4_294_967_295)] as [(UInt32, UInt64)])
    func everyTimeoutIsATime(timeout: UInt32, end: UInt64) {
        var desk = Desk()
        desk.seconds = 5
        desk.begin(timeout: timeout)
        // The wish was the last effect of the start; time zero is in force at once.
        desk.seconds = end
        #expect(desk.handle(.wake) == [.giveUp(ScriptID(1))])
    }

    @Test func aScriptThatHangsIsLookedAt() {
        var desk = Desk(EventSettings(hasDebugScript: true, killDelay: .seconds(10)))
        desk.begin()
        desk.seconds = 30
        _ = desk.handle(.wake)
        #expect(
            desk.handle(.gaveUp(ScriptID(1), output: nil)) == [
                .note(.finished(script: "00.a", result: -110)),
                .note(.debugging(event: "startup")),
                .debug(component: "legacy", ScriptID(1), event: "startup"),
                .note(.timedOut(event: "startup")), Desk.ran("startup", -110), Desk.answer(1, 110),
                .wake(at: Desk.instant(40)),
            ])
        // One at a time is looked at.
        _ = desk.run(2, "takeip", timeout: 1)
        _ = desk.handle(.listed(RunID(2), .scripts(["00.a"])))
        desk.seconds = 31
        #expect(
            desk.handle(.wake) == [.giveUp(ScriptID(2)), .wake(at: Desk.instant(40))])
        #expect(
            !desk.handle(.gaveUp(ScriptID(2), output: nil)).contains(
                .debug(component: "legacy", ScriptID(2), event: "takeip")))
        #expect(
            desk.handle(
                .debugged(component: "legacy", ScriptID(1), output: Array("stack".utf8))) == [
                    .note(.debugOutput(Array("stack".utf8))), .terminate(ScriptID(1)),
                ])
        // The one ends, the other does not.
        #expect(desk.handle(.leftOverEnded(ScriptID(1))) == [.wake(at: Desk.instant(41))])
        desk.seconds = 41
        #expect(
            desk.handle(.wake) == [.note(.killing(ScriptID(2))), .kill(ScriptID(2))])
    }

    @Test func aTolerantEventGoesOnAfterALateScript() {
        var desk = Desk(EventSettings(hasDebugScript: true))
        desk.begin(flags: 1)
        desk.seconds = 30
        _ = desk.handle(.wake)
        let second = Desk.launch("50.b", "startup")
        #expect(
            desk.handle(.gaveUp(ScriptID(1), output: nil)) == [
                .note(.finished(script: "00.a", result: -110)), .note(.starting(second)),
                .start(ScriptID(2), second), .wake(at: Desk.instant(30)),
            ])
    }

    @Test func settingsChange() {
        var desk = Desk()
        desk.begin()
        #expect(desk.handle(.configured(EventSettings(hasDebugScript: true))) == [])
        desk.seconds = 30
        _ = desk.handle(.wake)
        #expect(
            desk.handle(.gaveUp(ScriptID(1), output: nil)).contains(
                .debug(component: "legacy", ScriptID(1), event: "startup")))
    }

    // MARK: Orders that should not be

    /// Whatever comes when, each request is answered once and nothing runs beside another.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func noOrderOfEventsBreaksTheRules(seed: UInt64) {
        var random = SplitMix(state: seed)
        var desk = Desk(
            EventSettings(
                hasDebugScript: seed.isMultiple(of: 2),
                killDelay: seed.isMultiple(of: 3) ? .seconds(5) : nil))
        var account = Account()
        _ = desk.run(0, "init")
        account.ask()
        account.take(desk.handle(.opened("legacy", errno: 0)))
        for _ in 0..<300 {
            desk.seconds += random.next() % 3
            let event = account.next(&random)
            if case .requested = event { account.ask() }
            account.take(desk.handle(event))
        }
        // Everything that is under way comes to its end.
        for _ in 0..<3000 where account.answered < account.asked {
            guard let event = account.answerToFirst() else { break }
            account.take(desk.handle(event))
        }
        #expect(account.answered == account.asked, "seed \(seed)")
        #expect(account.violations == [], "seed \(seed)")
    }
}
