// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import LegacyWire
import Testing
import Vocabulary

@Suite struct NamesTests {
    @Test func flagsAreInTheirOrder() {
        #expect(FlagNames.print([]) == "OK")
        #expect(FlagNames.print(.unhealthy) == "UNHEALTHY")
        #expect(FlagNames.print(FlagNames.unknown) == "UNKNOWN")
        #expect(
            FlagNames.print([.disconnected, .unhealthy, .stopped])
                == "DISCONNECTED|UNHEALTHY|STOPPED|INACTIVE")
        #expect(
            FlagNames.print(NodeFlags(rawValue: .max))
                == "DISCONNECTED|UNKNOWN|DISABLED|BANNED|UNHEALTHY|DELETED|STOPPED|INACTIVE")
        #expect(FlagNames.print(NodeFlags(rawValue: 0x80)) == "OK")
    }

    static let logLevelsAreReadByTheirBeginningCases: [(RawText, Int32)] = [
        ("ERROR", 0), ("e", 0), ("", 0), ("warn", 1), ("Notice", 3), ("i", 5), ("DEBUG", 10),
        ("0", 0), ("10", 10), ("2", 2), ("7x", 7),
    ]

    @Test(arguments: logLevelsAreReadByTheirBeginningCases)
    func logLevelsAreReadByTheirBeginning(text: RawText, level: Int32) {
        #expect(LogLevelName.parse(text) == level)
    }

    static let otherTextIsNoLogLevelCases: [RawText] = [
        "11", "99999999999", "-1", "ERRORS", "x", " 1", "debug\n",
    ]

    @Test(arguments: otherTextIsNoLogLevelCases)
    func otherTextIsNoLogLevel(text: RawText) {
        #expect(LogLevelName.parse(text) == nil)
    }

    @Test func logLevelsBetweenHaveNames() {
        #expect(
            (-1...11).map(LogLevelName.name) == [
                "UNKNOWN", "ERROR", "WARNING", "WARNING", "NOTICE", "NOTICE", "INFO", "INFO",
                "INFO",
                "INFO", "INFO", "DEBUG", "UNKNOWN",
            ])
    }

    @Test func runStatesAreReadInAnyCase() {
        #expect(RunStateName.parse("first_Recovery") == .firstRecovery)
        #expect(RunStateName.parse("INIT") == .initialising)
        #expect(RunStateName.parse("unknown") == nil)
        #expect(RunStateName.parse("runnin") == nil)
        #expect(RunStateName.print(.shutdown) == "SHUTDOWN")
        #expect(RunStateName.print(.unknown(99)) == "UNKNOWN")
    }

    @Test func spansHaveDays() {
        #expect(TimeText.span(from: 100, to: 100) == "000 00:00:00")
        #expect(TimeText.span(from: 0, to: 93784) == "001 02:03:04")
        #expect(TimeText.span(from: 5, to: 3) == "000 00:00:-2")
        #expect(TimeText.span(from: .min, to: .max) == "000 00:00:-1")
    }

    @Test func differencesMayBeNegative() {
        let start = Timeval(seconds: 10, microseconds: 900_000)
        let end = Timeval(seconds: 12, microseconds: 100_000)
        #expect(FixedPoint.sixDecimals(TimeText.difference(end, start)) == "1.200000")
        #expect(FixedPoint.sixDecimals(TimeText.difference(start, end)) == "-1.200000")
    }
}
