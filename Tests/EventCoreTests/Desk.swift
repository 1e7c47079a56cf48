// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Testing
import Vocabulary

typealias Effect = EventCore.Effect
typealias ScriptID = EventCore.ScriptID
typealias RunID = EventCore.RunID

/// A core, made-up time, and short words for what happens to it.
struct Desk {
    var core: EventCore
    /// Seconds since the start.
    var seconds: UInt64 = 0

    init(_ settings: EventSettings = EventSettings()) { core = EventCore(settings: settings) }

    static func asker(_ reqid: UInt32) -> EventCore.Asker {
        EventCore.Asker(client: 7, reqid: Reqid(rawValue: reqid))
    }

    static func instant(_ seconds: UInt64) -> Instant {
        Instant(nanoseconds: seconds * 1_000_000_000)
    }

    static func calendar(_ seconds: UInt64) -> Timeval {
        Timeval(seconds: 1_000_000 + Int64(seconds), microseconds: 5)
    }

    mutating func handle(_ event: EventCore.Event) -> [Effect] {
        core.handle(
            event, at: Moment(instant: Self.instant(seconds), calendar: Self.calendar(seconds)))
    }

    mutating func run(
        _ reqid: UInt32, _ event: String?, _ arguments: String? = nil, timeout: UInt32 = 30,
        flags: UInt32 = 0, component: String? = "legacy"
    ) -> [Effect] {
        handle(
            .requested(
                Self.asker(reqid),
                .run(
                    EventRunRequest(
                        component: component, event: event, arguments: arguments,
                        timeoutSeconds: timeout, flags: flags))))
    }

    mutating func status(_ reqid: UInt32, _ event: String?) -> [Effect] {
        handle(
            .requested(
                Self.asker(reqid), .status(EventStatusRequest(component: "legacy", event: event))))
    }

    mutating func end(_ script: UInt64, _ code: Int32 = 0, output: String? = nil) -> [Effect] {
        handle(
            .ended(ScriptID(script), .exited(code), output: output.map { Array($0.utf8) }))
    }

    /// A component that is there and an event that runs in it: scripts "00.a" and "50.b".
    mutating func begin(
        _ event: String = "startup", timeout: UInt32 = 30, flags: UInt32 = 0
    ) {
        _ = run(1, event, timeout: timeout, flags: flags)
        _ = handle(.opened("legacy", errno: 0))
        _ = handle(.listed(RunID(1), .scripts(["00.a", "50.b"])))
    }

    static func launch(_ script: EventText, _ arguments: EventText...) -> EventCore.Launch {
        EventCore.Launch(component: "legacy", script: script, arguments: arguments)
    }

    static func result(
        _ name: String, _ begin: UInt64, _ end: UInt64, _ result: Int32 = 0, _ output: String? = nil
    ) -> EventScriptResult {
        EventScriptResult(
            name: name, begin: calendar(begin), end: calendar(end), result: result, output: output)
    }

    /// What is noted when an event has run.
    static func ran(_ event: EventText, _ summary: Int32) -> Effect {
        .note(.ran(component: "legacy", event: event, summary: summary))
    }

    static func answer(_ reqid: UInt32, _ result: Int32) -> Effect {
        .reply(asker(reqid), .run(result: result))
    }
}
