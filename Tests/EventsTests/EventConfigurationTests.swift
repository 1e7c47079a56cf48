// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Events
import Testing

@Suite struct EventConfigurationTests {
    private func read(
        shared: String? = nil, own: String? = nil, isInteractive: Bool = false
    ) throws -> EventConfiguration {
        let scratch = try ScratchTree()
        try scratch.write("#!/bin/sh\n", to: "debug.sh")
        try scratch.setMode("debug.sh", 0o755)
        try scratch.write("#!/bin/sh\n", to: "plain.sh")
        if let shared { try scratch.write(shared, to: "ctdb.conf") }
        if let own { try scratch.write(own, to: "ctdb-eventd.conf") }
        let paths = EventPaths(configuration: scratch.path, run: scratch.path, hostName: "here")
        return try EventConfiguration(readingFrom: paths, isInteractive: isInteractive)
    }

    @Test func nothingIsTheDefaults() throws {
        let settings = try read()
        #expect(settings == EventConfiguration())
        #expect(settings.logLocation == .file("/var/log/ctdb/log.ctdb"))
        #expect(settings.logLevel == .notice)
        #expect(settings.core.killDelay == nil && !settings.core.hasDebugScript)
    }

    @Test func bothFilesAreRead() throws {
        let settings = try read(
            shared: """
                ; somebody's
                [Logging]
                    location = syslog:udp
                    log  level = debug
                [cluster]
                    cluster lock = !/bin/x
                [event]
                    debug script = debug.sh
                """,
            own: "[event]\noutput limit = 64K\nhistory limit = 20\nkill delay = 30s\nx = y\n")
        #expect(settings.logLocation == .port(isRFC5424: false))
        #expect(settings.logLevel == .debug)
        #expect(settings.debugScript?.hasSuffix("/debug.sh") == true)
        #expect(settings.outputLimit == 65_536 && settings.historyLimit == 20)
        #expect(settings.killDelay == .seconds(30))
        #expect(settings.unknown.map { "\($0)".contains("unknown setting x") } == [true])
    }

    @Test func whoeverSitsAtTheTerminalGetsTheLog() throws {
        let settings = try read(shared: "[logging]\nlocation = syslog\n", isInteractive: true)
        #expect(settings.logLocation == .standardError)
    }

    @Test(
        arguments: [
            ("[logging]\nlocation = nowhere\n", "", "not a place for logs"),
            ("[logging]\nlog level = loud\n", "", "not a level"),
            ("[event]\ndebug script = none.sh\n", "", "does not exist"),
            ("[event]\ndebug script = plain.sh\n", "", "is not executable"),
            ("", "[event]\noutput limit = 1\n", "ctdb-eventd.conf:2"),
            ("", "[event]\nkill delay = soon\n", "ctdb-eventd.conf:2"),
        ])
    func whatIsWrongIsNamed(shared: String, own: String, expected: String) throws {
        let failure = #expect(throws: EventConfiguration.Failure.self) {
            try read(shared: shared, own: own)
        }
        #expect(failure?.description.contains(expected) == true, "\(String(describing: failure))")
        #expect(failure?.exitCode == 22)
    }
}
