// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Testing

/// What the event monitor says of services: news once, and nothing else.
@Suite struct ServiceStatesTests {
    private var states = ServiceStates()

    private func second(_ number: Int64) -> Timeval { Timeval(seconds: number, microseconds: 0) }

    /// Takes a run of monitor that began in a second: names and results.
    private mutating func take(
        _ scripts: KeyValuePairs<String, Int32>, at begin: Int64, now: Int64? = nil
    ) -> [String] {
        let results = scripts.map { name, result in
            EventScriptResult(
                name: name, begin: second(begin), end: second(begin), result: result,
                output: result == 0 ? nil : "\(name) says \(result)")
        }
        let summary = results.first { $0.result != 0 && $0.result != -8 }?.result ?? 0
        return states.take(
            EventStatus(summary: summary, scripts: results), now: second(now ?? begin + 1)
        ).map { change in
            let said = String(decoding: change.output, as: UTF8.self)
            return "\(change.service) \(change.state) (\(change.script) \(change.result)) \(said)"
        }
    }

    @Test mutating func onlyWhatIsOtherwiseIsTold() {
        #expect(
            take(["10.interface": 0, "49.winbind": -8, "50.samba": 0], at: 1) == [
                "interface healthy (10.interface 0) ",
                "winbind disabled (49.winbind -8) 49.winbind says -8",
                "samba healthy (50.samba 0) ",
            ])
        #expect(take(["10.interface": 0, "49.winbind": -8, "50.samba": 0], at: 2) == [])
        // What is behind a script that failed is as it was.
        #expect(
            take(["10.interface": 1], at: 3)
                == ["interface unhealthy (10.interface 1) 10.interface says 1"])
        #expect(take(["10.interface": 2], at: 4) == [])
        #expect(
            take(["10.interface": 0, "49.winbind": 0, "50.samba": -110], at: 5) == [
                "interface healthy (10.interface 0) ", "winbind healthy (49.winbind 0) ",
                "samba unhealthy (50.samba -110) 50.samba says -110",
            ])
        #expect(
            take(["10.interface": 0, "49.winbind": 0, "50.samba": 0], at: 6)
                == ["samba healthy (50.samba 0) "])
    }

    @Test mutating func aScriptThatIsGoneSpeaksForNothing() {
        _ = take(["10.interface": 0, "50.samba": 1], at: 1)
        // It was not come to, or it is gone: nobody can tell.
        #expect(take(["10.interface": 1], at: 2).count == 1)
        #expect(
            take(["10.interface": 0], at: 3) == [
                "interface healthy (10.interface 0) ", "samba disabled (50.samba 0) ",
            ])
        #expect(take(["10.interface": 0], at: 4) == [])
    }

    @Test mutating func ofTwoScriptsOfAServiceTheWorseCounts() {
        #expect(
            take(["50.samba": 0, "60.samba": 3, "70.samba": -8], at: 1)
                == ["samba unhealthy (60.samba 3) 60.samba says 3"])
        #expect(take(["50.samba": 0, "70.samba": -8], at: 2) == ["samba healthy (50.samba 0) "])
    }

    @Test mutating func whatIsOldIsNoNews() {
        #expect(take(["50.samba": 1], at: 10).count == 1)
        #expect(take(["50.samba": 0], at: 9, now: 11) == [])
        #expect(take(["50.samba": 0], at: 10, now: 11) == [])
        // The clock was set back.
        #expect(take(["50.samba": 0], at: 5, now: 6) == ["samba healthy (50.samba 0) "])
    }

    @Test mutating func whatSaysNothingChangesNothing() {
        #expect(take([:], at: 1) == [])
        #expect(take(["50.samba": -125], at: 2) == [])
        #expect(take(["": 0, "odd": 0, "50.": 0], at: 3).map { $0.prefix(4) } == ["odd ", "50. "])
    }
}
