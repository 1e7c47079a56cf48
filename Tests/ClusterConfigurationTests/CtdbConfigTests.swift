// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationShell
import Foundation
import Sockets
import Testing

/// Our verdict on ctdb.conf beside that of ctdbd's own program, where it is installed.
@Suite struct CtdbConfigTests {
    static let program = ["/usr/libexec/ctdb", "/usr/lib/x86_64-linux-gnu/ctdb", "/usr/lib/ctdb"]
        .map { "\($0)/ctdb-config" }
        .first { Folder.target(of: $0) == .file(isExecutable: true) }

    /// What `ctdb-config validate` says of a file: whether it is accepted.
    static func accepts(_ folder: String) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program ?? "")
        process.arguments = ["validate"]
        process.environment = ["CTDB_TEST_MODE": "yes", "CTDB_BASE": folder]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// A file, whether ctdbd accepts it, and whether we find no error.
    static let files: [(text: String, ctdbd: Bool, ours: Bool)] = [
        ("", true, true),
        ("# only a comment\n; and another", true, true),
        ("[logging]\n\tlocation = syslog\n\tlog level = NOTICE\n", true, true),
        ("[LOGGING]\r\nlocation = syslog:udp\r\n", true, true),
        ("[logging]\nlocation = file:/tmp/log", true, true),
        ("[logging]\nlocation = file:/nonexistent/log", false, false),
        ("[logging]\nlocation = file:", true, true),
        ("[logging]\nlocation = syslog:tcp", false, false),
        ("[logging]\nlocation = elsewhere", false, false),
        ("[logging]\nlog level = 7", true, true),
        ("[logging]\nlog level = 11", false, false),
        ("[logging]\nlog level = warn", true, true),
        ("[logging]\nlog level = LOUD", false, false),
        ("[logging]\nlog   level   =   INFO", true, true),
        ("[logging]\nlog\tlevel = INFO", false, false),
        ("[logging]\nLog Level = INFO", false, false),
        ("[logging]\nlog level = \\\nINFO", true, true),
        ("[logging]\nlog level =", false, false),
        ("[ logging ]\nlog level = INFO", false, false),
        ("[cluster]\ntransport = tcp", true, true),
        ("[cluster]\ntransport = ib", false, false),
        ("[cluster]\nnode address = 10.0.0.1", true, true),
        ("[cluster]\nnode address = fd00::1", true, true),
        ("[cluster]\nnode address = 10.0.0.1:4379", false, false),
        ("[cluster]\nnode address = 10.0.0.256", false, false),
        ("[cluster]\nnode address = [fd00::1]", false, false),
        ("[cluster]\nnode address = node1", false, false),
        ("[cluster]\ncluster lock = /clusterfs/lock", true, true),
        ("[cluster]\ncluster lock = !/usr/libexec/helper a b", true, true),
        ("[cluster]\nrecovery lock = /clusterfs/lock", true, true),
        ("[cluster]\nleader timeout = 10", true, true),
        ("[cluster]\nleader timeout = 0x10", true, true),
        ("[cluster]\nleader timeout = 0", false, false),
        ("[cluster]\nleader timeout = -3", false, false),
        ("[cluster]\nleader timeout = ten", false, false),
        ("[cluster]\nleader timeout = 99999999999", false, false),
        ("[cluster]\nleader capability = No", true, true),
        ("[cluster]\nleader capability = 1", false, false),
        ("[cluster]\nleader capability = off", false, false),
        ("[database]\nvolatile database directory = /tmp", true, true),
        ("[database]\nvolatile database directory = /nonexistent", false, false),
        ("[database]\nvolatile database directory = /var/lib/ctdb/volatile", true, true),
        ("[database]\nlock debug script = script.sh", true, true),
        ("[database]\nlock debug script = /anywhere/script.sh", true, true),
        ("[database]\nlock debug script = plain.sh", false, false),
        ("[database]\ntdb mutexes = false", true, true),
        ("[event]\ndebug script = none.sh", false, false),
        ("[event]\ndebug script = script.sh", true, true),
        ("[failover]\ndisabled = yes", true, true),
        ("[legacy]\nstart as stopped = true\nscript log level = DEBUG", true, true),
        ("[legacy]\nstart as stoped = true", false, false),
        ("[proxy]\nheld limit = 1M", false, false),
        ("[nonsense]", false, false),
        ("log level = INFO", false, false),
        // ctdbd passes over these without a word: it gives the file up, stops in the middle, reads
        // something else than is written, or takes the last of several.
        ("[cluster\nnode address = nonsense", true, false),
        ("[cluster]\n= nonsense", true, false),
        ("[cluster]\nleader capability", true, false),
        ("[cluster]\nleader timeout = 5min", true, false),
        ("[cluster] nonsense\nleader timeout = 6", true, false),
        ("[cluster]\ncluster lock = relative", true, false),
        ("[cluster]\ncluster lock = !", true, false),
        ("[failover]\ndisabled = no\ndisabled = yes", true, false),
        ("[logging]\nlog level = INFO\0RMATION", true, false),
    ]

    @Test func theVerdictsAreThoseThatAreKnown() throws {
        guard Self.program != nil else {
            print("skipped: CtdbConfigTests: ctdb-config of the package ctdb is not installed")
            return
        }
        for file in Self.files {
            let directory = try ScratchDirectory()
            try directory.write(Array("#!/bin/sh\n".utf8), to: "plain.sh")
            try directory.write(Array("#!/bin/sh\n".utf8), to: "script.sh")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: directory.file("script.sh"))
            try directory.write(Array(file.text.utf8), to: "ctdb.conf")
            try directory.write(Array("10.0.0.1\n".utf8), to: "nodes")
            let found = ConfigurationFolder.read(directory.path).complaints()
            let hasNoError = !found.contains { $0.severity == .error }
            #expect(hasNoError == file.ours, "\(file.text): \(found)")
            #expect(try Self.accepts(directory.path) == file.ctdbd, "\(file.text)")
        }
    }
}
