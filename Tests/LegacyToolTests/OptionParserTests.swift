// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Testing

/// What popt makes of options; `version` needs no ctdbd.
@Suite struct OptionParserTests {
    static let version = ToolRun(output: "4.17.12-Debian\n", code: 0)

    static func invalid(_ argument: RawText, _ reason: String) -> ToolRun {
        ToolRun(errors: "Invalid option \(argument): \(reason)\n", code: 1)
    }

    static let goodOptionsAreTakenCases: [[RawText]] = [
        ["version"], ["-Y", "version"], ["version", "-Y"], ["-YXv", "version"],
        ["-x", ":", "version"], ["-x:", "version"], ["-x=:", "version"],
        ["--separator=:", "version"], ["--separator", ":", "version"], ["-n", "-1", "version"],
        ["-n-1", "version"], ["-t", "0x10", "-T", "010", "version"], ["-t", "", "version"],
        ["--timelimit=", "version"], ["-d", "-x", "version"], ["--", "version"],
        ["version", "--", "-Z"], ["version", "-"], ["-vd", "nonsense", "version"],
    ]

    @Test(arguments: goodOptionsAreTakenCases)
    func goodOptionsAreTaken(arguments: [RawText]) {
        #expect(ToolRun(arguments) == Self.version)
    }

    static let badOptionsAreNamedCases: [([RawText], RawText, String)] = [
        (["-Z", "version"], "-Z", "unknown option"),
        (["-YZ", "version"], "-YZ", "unknown option"),
        (["--nothing", "version"], "--nothing", "unknown option"),
        (["--nod", "1", "version"], "--nod", "unknown option"),
        (["-verbose", "version"], "-verbose", "unknown option"),
        (["--=1", "version"], "--=1", "unknown option"),
        (["version", "-n"], "-n", "missing argument"),
        (["-n", "x", "version"], "x", "invalid numeric value"),
        (["-n", "1x", "version"], "1x", "invalid numeric value"),
        (["-n", "0x", "version"], "0x", "invalid numeric value"),
        (["-n", "1 ", "version"], "1 ", "invalid numeric value"),
        (["-nx", "version"], "-nx", "invalid numeric value"),
        (["--node=1.5", "version"], "--node=1.5", "invalid numeric value"),
        (["-t", "2147483648", "version"], "2147483648", "number too large or too small"),
        (
            ["-t", "99999999999999999999", "version"], "99999999999999999999",
            "number too large or too small"
        ),
        (["-T", "-2147483649", "version"], "-2147483649", "number too large or too small"),
        (["-Y=1", "version"], "-Y=1", "option does not take an argument"),
        (["--verbose=1", "version"], "--verbose=1", "option does not take an argument"),
        (["--help=1"], "--help=1", "option does not take an argument"),
    ]

    @Test(arguments: badOptionsAreNamedCases)
    func badOptionsAreNamed(arguments: [RawText], argument: RawText, reason: String) {
        #expect(ToolRun(arguments) == Self.invalid(argument, reason))
    }

    @Test func aBadOptionIsNamedByteForByte() {
        let argument = RawText(bytes: Array("--\u{1}".utf8) + [0xFF, 0x0A])
        #expect(ToolRun([argument]) == Self.invalid(argument, "unknown option"))
    }

    @Test func aMarkTakesTheNextWord() {
        #expect(ToolRun(["-x", "a!#:+b!", "taken", "version"]) == Self.version)
        // Without a word the mark stays; then there is no command either.
        #expect(ToolRun(["-x", "!#:+", "version"]).code == 1)
        #expect(ToolRun(["version", "-x", "!#:+"]) == Self.version)
    }

    @Test func everythingIsAWordForPOSIX() {
        let posix: [RawText: RawText] = ["POSIXLY_CORRECT": ""]
        #expect(ToolRun(["version", "-Z"], variables: posix) == Self.version)
        #expect(
            ToolRun(["-Y", "version"], variables: posix)
                == ToolRun(errors: "Unknown command '-Y'\n", code: 1))
    }

    @Test func theLastOfSeveralCounts() {
        #expect(
            ToolRun(["-n", "3", "version", "-n", "0"])
                == ToolRun(errors: "Cannot specify node for command version\n", code: 1))
        #expect(ToolRun(["-n", "3", "version", "-n", "-1"]) == Self.version)
    }

    static let theTimeoutVariableIsReadCases: [(RawText, Int32)] = [
        ("x", 1), ("", 1), ("-1", 1), ("99999999999999999999", 1), ("7x", 0), ("0", 0),
        ("0x7", 0),
    ]

    @Test(arguments: theTimeoutVariableIsReadCases)
    func theTimeoutVariableIsRead(text: RawText, code: Int32) {
        let run = ToolRun(["version"], variables: ["CTDB_TIMEOUT": text])
        #expect(run.code == code)
        #expect(run.errors == (code == 0 ? "" : "Invalid value CTDB_TIMEOUT\n"))
        // An option makes the variable meaningless.
        let option = ToolRun(["-T", "5", "version"], variables: ["CTDB_TIMEOUT": text])
        #expect(option == Self.version)
    }
}
