// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Testing

@Suite struct UsageTests {
    static let brief: RawText = """
        Usage: [-?YXv] [-?|--help] [--usage] [-d|--debug=STRING]
                [-t|--timelimit=INT] [-n|--node=INT] [-Y] [-x|--separator=CHAR]
                [-X] [-v|--verbose] [-T|--maxruntime=INT]

        """

    @Test func helpShowsOptionsAndNothingElse() {
        let run = ToolRun(["--help"])
        #expect(run.code == 0)
        #expect(run == ToolRun(["-Y", "version", "-?"]))
        #expect(run.output.string.hasPrefix("Usage: [OPTION...]\n  -d, --debug=STRING   "))
        #expect(run.output.string.hasSuffix("--usage              Display brief usage message\n"))
        #expect(!run.output.string.contains("Commands:"))
    }

    @Test func usageIsBrokenWherePoptBreaksIt() {
        #expect(ToolRun(["--usage"]) == ToolRun(output: Self.brief, code: 0))
        // A terminal that is narrower changes nothing.
        #expect(ToolRun(["--usage"], width: 60).output == Self.brief)
        #expect(ToolRun(["--usage"], width: 256).output == Self.brief)
        let wide = ToolRun(["--usage"], width: 120).output.string.split(separator: "\n")
        #expect(wide.count == 2)
        #expect(wide[0].hasSuffix("[-n|--node=INT] [-Y]"))
        let wider = ToolRun(["--usage"], width: 93).output.string.split(separator: "\n")
        #expect(wider.count == 3)
        #expect(wider[0].hasSuffix("[-t|--timelimit=INT]"))
        #expect(wider[1].hasSuffix("[-X] [-v|--verbose]"))
    }

    @Test func withoutACommandAllAreShown() {
        let run = ToolRun([])
        #expect(run.code == 1)
        #expect(run.errors == "")
        let lines = run.output.string.split(separator: "\n", omittingEmptySubsequences: false)
        // What popt shows, an empty line, the heading, the commands, and what is behind the last.
        #expect(lines.count == 13 + 2 + 77 + 1)
        #expect(
            lines.contains("  version                                      show version of ctdb"))
        #expect(
            lines.contains(
                "  setvar          <name> <value>               set a tunable variable"))
        #expect(
            lines.contains("  setdebug        ERROR|WARNING|NOTICE|INFO|DEBUG  set debug level"))
    }

    @Test func aWrongCallShowsTheCommand() {
        #expect(
            ToolRun(["listnodes", "x"])
                == ToolRun(
                    output: Self.brief + """

                        Commands:
                          listnodes                                    list nodes in the cluster

                        """, code: 1))
        #expect(
            ToolRun(["tickle", "x"]).output
                == Self.brief + """

                    Commands:
                      tickle          <srcip:port> <dstip:port>    send a tcp tickle ack

                    """)
    }

    @Test func aWrongPortCheckShowsEverything() {
        #expect(ToolRun(["checktcpport"]) == ToolRun([]))
    }

    @Test func unknownCommandsAreNamedByteForByte() {
        let name = RawText(bytes: [0x61, 0x0A, 0xFF, 0x1B])
        #expect(ToolRun([name]) == ToolRun(errors: "Unknown command '\(name)'\n", code: 1))
        #expect(ToolRun([""]) == ToolRun(errors: "Unknown command ''\n", code: 1))
        #expect(ToolRun(["Version"]).code == 1)
        #expect(ToolRun(["versio"]).code == 1)
        #expect(ToolRun(["versionx"]).code == 1)
    }
}
