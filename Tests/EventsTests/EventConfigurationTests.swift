// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Events
import Foundation
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
        if let own {
            try scratch.makeFolder("ctdb.conf.d")
            try scratch.write(own, to: "ctdb.conf.d/eventd.conf")
        }
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
            own: "[event]\noutput limit = 64K\nkill delay = 30s\nx = y\n")
        #expect(settings.logLocation == .port(isRFC5424: false))
        #expect(settings.logLevel == .debug)
        #expect(settings.debugScript?.hasSuffix("/debug.sh") == true)
        #expect(settings.outputLimit == 65_536)
        #expect(settings.killDelay == .seconds(30))
        #expect(settings.problems.map { "\($0)".contains("unknown setting x") } == [true])
    }

    @Test func whoeverSitsAtTheTerminalGetsTheLog() throws {
        let settings = try read(shared: "[logging]\nlocation = syslog\n", isInteractive: true)
        #expect(settings.logLocation == .standardError)
    }

    @Test(
        arguments: [
            ("[logging]\nlocation = nowhere\n", "not a place for logs"),
            ("[logging]\nlog level = loud\n", "not a level"),
            ("[event]\ndebug script = none.sh\n", "does not exist"),
            ("[event]\ndebug script = plain.sh\n", "is not executable"),
        ])
    func whatIsWrongIsNamed(shared: String, expected: String) throws {
        let failure = #expect(throws: EventConfiguration.Failure.self) {
            try read(shared: shared)
        }
        #expect(failure?.description.contains(expected) == true, "\(String(describing: failure))")
        #expect(failure?.exitCode == 22)
    }

    @Test(arguments: ["output limit = 1", "kill delay = soon", "output limit = 9M", "no setting"])
    func whatIsWrongBesideKeepsNobodyFromStarting(line: String) throws {
        let settings = try read(own: "[event]\nkill delay = 5s\n\(line)\n")
        #expect(settings.problems.map { "\($0)".contains("eventd.conf:3") } == [true])
        #expect(settings.outputLimit == 262_144)
    }

    @Test func theFileThatIsInstalledHasTheDefaults() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/ctdb-eventd/ctdb-eventd.conf")
        let text = try String(contentsOf: path, encoding: .utf8)
        #expect(text.contains("#\toutput limit = 256K\n") && text.contains("#\tkill delay = 0\n"))
        let settings = try read(own: text.replacingOccurrences(of: "#\t", with: "\t"))
        #expect(settings == EventConfiguration())
    }
}
