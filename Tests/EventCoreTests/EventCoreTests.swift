// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Testing
import Vocabulary

@Suite struct EventCoreTests {
    @Test func scriptsRunOneAfterTheOther() {
        var desk = Desk()
        #expect(desk.run(1, "takeip", "eth1  10.0.0.1 24") == [.open("legacy")])
        #expect(
            desk.handle(.opened("legacy", errno: 0)) == [
                .note(.running(event: "takeip", words: ["eth1", "10.0.0.1", "24"])),
                .list(RunID(1), component: "legacy"),
            ])
        let first = Desk.launch("00.a", "takeip", "eth1", "10.0.0.1", "24")
        #expect(
            desk.handle(.listed(RunID(1), .scripts(["00.a", "50.b"]))) == [
                .note(.starting(first)), .start(ScriptID(1), first),
                .wake(at: Desk.instant(30)),
            ])
        desk.seconds = 2
        let second = Desk.launch("50.b", "takeip", "eth1", "10.0.0.1", "24")
        #expect(
            desk.end(1, output: "up\n") == [
                .note(.output(script: "00.a", Array("up\n".utf8))),
                .note(.finished(script: "00.a", result: 0)),
                .note(.starting(second)), .start(ScriptID(2), second),
            ])
        desk.seconds = 3
        #expect(
            desk.end(2) == [
                .note(.finished(script: "50.b", result: 0)), Desk.ran("takeip", 0),
                Desk.answer(1, 0),
            ])
        #expect(
            desk.status(2, "takeip") == [
                .reply(
                    Desk.asker(2),
                    .status(
                        EventStatus(
                            summary: 0,
                            scripts: [
                                Desk.result("00.a", 0, 2, 0, "up\n"), Desk.result("50.b", 2, 3),
                            ])))
            ])
    }

    @Test func aFailureEndsTheEvent() {
        var desk = Desk()
        desk.begin()
        #expect(
            desk.end(1, 3, output: "no") == [
                .note(.output(script: "00.a", Array("no".utf8))),
                .note(.finished(script: "00.a", result: 3)),
                .note(.failed(event: "startup")), Desk.ran("startup", 3), Desk.answer(1, 8),
            ])
        #expect(
            desk.status(2, "startup") == [
                .reply(
                    Desk.asker(2),
                    .status(
                        EventStatus(summary: 3, scripts: [Desk.result("00.a", 0, 0, 3, "no")])))
            ])
    }

    @Test func aFailureDoesNotEndATolerantEvent() {
        var desk = Desk()
        desk.begin(flags: 1)
        let second = Desk.launch("50.b", "startup")
        #expect(
            desk.end(1, 3) == [
                .note(.finished(script: "00.a", result: 3)), .note(.starting(second)),
                .start(ScriptID(2), second),
            ])
        #expect(
            desk.end(2) == [
                .note(.finished(script: "50.b", result: 0)), Desk.ran("startup", 3),
                Desk.answer(1, 8),
            ])
    }

    /// What an ending is as a result, and whether the next script runs.
    @Test(
        arguments: [
            (.exited(0), 0, true), (.exited(1), 1, false), (.exited(63), 63, false),
            (.exited(64), 0, true), (.exited(66), -2, false), (.exited(72), -8, true),
            (.exited(77), -8, true), (.exited(254), -190, false), (.exited(255), 255, false),
            (.signalled(9), -4, false), (.signalled(15), -4, false),
            (.refused(errno: 2), -2, false), (.refused(errno: 8), -8, true),
            (.refused(errno: 13), -8, true), (.refused(errno: 7), -7, false),
        ] as [(EventCore.Ending, Int32, Bool)])
    func anEndingIsAResult(ending: EventCore.Ending, result: Int32, goesOn: Bool) {
        var desk = Desk()
        desk.begin()
        let effects = desk.handle(.ended(ScriptID(1), ending, output: nil))
        #expect(effects.first == .note(.finished(script: "00.a", result: result)))
        let second = Desk.launch("50.b", "startup")
        #expect(effects.contains(.start(ScriptID(2), second)) == goesOn)
        #expect(effects.contains(Desk.answer(1, 8)) != goesOn)
    }

    @Test func anExitCodeCanSayCancelledOrTimedOut() {
        var desk = Desk(EventSettings(hasDebugScript: true))
        desk.begin()
        #expect(
            desk.end(1, 64 + 110) == [
                .note(.finished(script: "00.a", result: -110)),
                .note(.timedOut(event: "startup")), Desk.ran("startup", -110), Desk.answer(1, 110),
            ])
        var other = Desk()
        other.begin()
        #expect(
            other.end(1, 64 + 125) == [
                .note(.finished(script: "00.a", result: -125)),
                .note(.failed(event: "startup")), Desk.answer(1, 125),
            ])
        // What was cancelled is not remembered.
        #expect(
            other.status(2, "startup") == [.reply(Desk.asker(2), .statusFailed(result: 22))])
    }

    @Test func noScriptsAreASuccess() {
        var desk = Desk()
        _ = desk.run(1, "init")
        _ = desk.handle(.opened("legacy", errno: 0))
        #expect(
            desk.handle(.listed(RunID(1), .scripts([]))) == [
                Desk.ran("init", 0), Desk.answer(1, 0),
            ])
        #expect(
            desk.status(2, "init") == [
                .reply(Desk.asker(2), .status(EventStatus(summary: 0, scripts: [])))
            ])
    }

    @Test func aFolderThatIsNotThereIsSaid() {
        var desk = Desk()
        _ = desk.run(1, "init")
        #expect(desk.status(2, "init") == [])
        #expect(
            desk.handle(.opened("legacy", errno: 2)) == [
                Desk.answer(1, 2), .reply(Desk.asker(2), .statusFailed(result: 2)),
            ])
        // The next one looks again.
        #expect(desk.run(3, "init") == [.open("legacy")])
        _ = desk.handle(.opened("legacy", errno: 0))
        #expect(
            desk.handle(.listed(RunID(1), .failed(errno: 2))) == [
                .note(.unreadable(component: "legacy", errno: 2)), Desk.answer(3, 2),
            ])
    }

    @Test(arguments: ["", ".", "..", "a/b", "/etc"])
    func aComponentIsAFolderName(name: String) {
        var desk = Desk()
        #expect(
            desk.run(1, "x", component: name) == [
                .note(.badComponent(EventText(Array(name.utf8)))), Desk.answer(1, 2),
            ])
    }

    @Test func whatIsNotNamedIsRefused() {
        var desk = Desk()
        #expect(desk.run(1, "x", component: nil) == [Desk.answer(1, 22)])
        desk.begin()
        #expect(desk.run(2, nil) == [Desk.answer(2, 12)])
        #expect(desk.status(3, nil) == [.reply(Desk.asker(3), .statusFailed(result: 22))])
        let nameless = EventScriptRequest(component: "legacy", script: nil, action: .enable)
        #expect(
            desk.handle(.requested(Desk.asker(4), .script(nameless))) == [
                .reply(Desk.asker(4), .script(result: 22))
            ])
    }

    @Test func aScriptIsEnabledAndDisabled() {
        var desk = Desk()
        desk.begin()
        let request = EventScriptRequest(component: "legacy", script: "50.b", action: .disable)
        #expect(
            desk.handle(.requested(Desk.asker(2), .script(request))) == [
                .setEnabled(Desk.asker(2), component: "legacy", script: "50.b", false)
            ])
        #expect(
            desk.handle(.changed(Desk.asker(2), errno: 2)) == [
                .reply(Desk.asker(2), .script(result: 2))
            ])
    }

    @Test func whatHasNoProcessIsNotRemembered() {
        var desk = Desk()
        desk.begin()
        #expect(
            desk.handle(.ended(ScriptID(1), .unstartable(errno: 11), output: nil)) == [
                .note(.unstartable(script: "00.a", errno: 11)), Desk.answer(1, 11),
            ])
        #expect(desk.status(2, "startup") == [.reply(Desk.asker(2), .statusFailed(result: 22))])
    }

    @Test func theOldestEventsAreForgotten() {
        var desk = Desk(EventSettings(historyLimit: 2))
        desk.begin()
        _ = desk.end(1)
        _ = desk.end(2)
        for (number, event) in [(2, "b"), (3, "startup"), (4, "c")] as [(UInt64, String)] {
            _ = desk.run(1, event)
            _ = desk.handle(.listed(RunID(number), .scripts([])))
        }
        let missing = Effect.reply(Desk.asker(9), .statusFailed(result: 22))
        #expect(desk.status(9, "b") == [missing])
        #expect(desk.status(9, "startup") != [missing])
        #expect(desk.status(9, "c") != [missing])
    }
}
