// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Sockets
import Testing

/// What the tool does without ctdbd.
@Suite struct OfflineTests {
    static let missing = "/nowhere/at/all"

    @Test func aMissingSocketIsSaid() {
        let run = ToolRun(
            ["status"],
            variables: ["CTDB_SOCKET": "/nowhere/socket", "CTDB_BASE": "/nowhere"])
        #expect(
            run
                == ToolRun(
                    errors: """
                        connect() failed, errno=2
                        Failed to connect to CTDB daemon (/nowhere/socket)
                        Failed to read nodes file "/nowhere/nodes"
                        Is this node part of CTDB cluster?

                        """, code: 1))
    }

    @Test func testModeMovesTheSocket() {
        let variables: [RawText: RawText] = [
            "CTDB_TEST_MODE": "", "CTDB_BASE": "/nowhere", "CTDB_TOOL_SETPGID": "1",
        ]
        let run = ToolRun(["pnn"], variables: variables)
        #expect(run.errors.string.contains("(/nowhere/run/ctdbd.socket)\n"))
        let lost = ToolRun(["pnn"], variables: ["CTDB_TEST_MODE": ""])
        #expect(
            lost
                == ToolRun(
                    errors: "Broken CTDB setup, CTDB_BASE not set in test mode\n", code: 134))
    }

    @Test func anEmptyAndALongPathAreToldAsTheLegacyToolDoes() {
        let variables: [RawText: RawText] = ["CTDB_BASE": "/nowhere"]
        let empty = ToolRun(
            ["pnn"], variables: variables.merging(["CTDB_SOCKET": ""]) { $1 })
        #expect(
            empty.errors.string.hasPrefix(
                "connect() failed, errno=111\nFailed to connect to CTDB daemon ()\n"))
        let path = RawText("/nowhere/" + String(repeating: "x", count: 200))
        let long = ToolRun(
            ["pnn"], variables: variables.merging(["CTDB_SOCKET": path]) { $1 })
        #expect(
            long.errors.string.hasPrefix(
                "connect() failed, errno=2\nFailed to connect to CTDB daemon (\(path.string))\n"))
    }

    @Test func theEventProgramIsRun() {
        let echo = ToolRun(
            ["event", "run"], variables: ["CTDB_EVENT_HELPER": "/nowhere/ctdb-event"])
        #expect(echo == ToolRun(errors: "event daemon helper failed with error 2\n", code: 2))
        let failing = ToolRun(["event"], variables: ["CTDB_EVENT_HELPER": "/bin/false"])
        #expect(failing == ToolRun(code: 1))
        // What became of the program does not matter here.
        let status = ToolRun(["scriptstatus"], variables: ["CTDB_EVENT_HELPER": "/bin/false"])
        #expect(status == ToolRun(code: 0))
    }

    static let badAddressesAreNamedCases: [([RawText], RawText)] = [
        (["tickle", "x", "1.2.3.4:5"], "Invalid IP address x\n"),
        (["tickle", "1.2.3.4:5", "1.2.3.4"], "Invalid IP address 1.2.3.4\n"),
        (["tickle", "1.2.3.4:5x", "1.2.3.4:5"], "Invalid IP address 1.2.3.4:5x\n"),
    ]

    @Test(arguments: badAddressesAreNamedCases)
    func badAddressesAreNamed(arguments: [RawText], complaint: RawText) {
        #expect(ToolRun(arguments) == ToolRun(errors: complaint, code: 1))
    }
}
