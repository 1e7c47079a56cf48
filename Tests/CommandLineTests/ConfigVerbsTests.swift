// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing

/// `ctdb config`, on folders that are made up.
@Suite struct ConfigVerbsTests {
    static func folder(_ files: [String: String]) throws -> ScratchDirectory {
        let directory = try ScratchDirectory()
        for (name, text) in files { try directory.write(Array(text.utf8), to: name) }
        return directory
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try SmallFile.read(path, limit: 10_000), as: UTF8.self)
    }

    @Test func checkNamesFileLineKeyAndTheNearest() throws {
        let directory = try Self.folder([
            "ctdb.conf": "[cluster]\n\tcluster lokc = /x\n", "nodes": "10.0.0.1\n",
        ])
        let outcome = typed("config check --porcelain --directory \(directory.path)")
        #expect(outcome.code == 1)
        #expect(
            outcome.output
                == "\(directory.file("ctdb.conf"))\t2\terror\tcluster lokc\t"
                + "unknown setting in [cluster]\tcluster lock\n")
        #expect(outcome.errors.contains("there is an error"))
    }

    @Test func whatIsRightOrDoubtfulIsNoFailure() throws {
        let directory = try Self.folder([
            "ctdb.conf": "[cluster]\n\trecovery lock = /x\n", "nodes": "10.0.0.1\n",
        ])
        let outcome = typed("config check --directory \(directory.path)")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("cluster lock"))
        #expect(outcome.errors == "")
        #expect(typed("config check --directory /nonexistent").code == 1)
    }

    @Test func showSaysWhichFileSaysSo() throws {
        let directory = try Self.folder(["ctdb.conf": "[legacy]\n\nscript log level = INFO\n"])
        let lines = typed("config show --porcelain --directory \(directory.path)").output
            .split(separator: "\n")
        let file = directory.file("ctdb.conf")
        #expect(lines.contains("ctdbd\tlegacy\tscript log level\tINFO\t\(file)\t3"))
        #expect(lines.contains("ctdbd\tcluster\tleader timeout\t5\t\t"))
        #expect(lines.contains("daemons\tproxy\theld limit\t16M\t\t"))
    }

    @Test func migrateOnlyWritesWhenItMay() throws {
        let directory = try Self.folder([
            "old": "CTDB_LOGGING=syslog\n", "ctdb.conf": "mine\n",
        ])
        let conf = directory.file("ctdb.conf")
        let line = "config migrate \(directory.file("old")) --directory \(directory.path)"
        let rehearsal = typed("\(line) --dry-run --porcelain")
        #expect(rehearsal.code == 0)
        #expect(
            rehearsal.output
                == "lines\tctdb.conf\tlogging\tlocation = syslog\t\(directory.file("old"))"
                + "\t1\tCTDB_LOGGING\n")
        #expect(try Self.text(conf) == "mine\n")

        let refused = typed(line)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("--replace"))
        #expect(try Self.text(conf) == "mine\n")

        let done = typed("\(line) --replace")
        #expect(done.code == 0)
        #expect(try Self.text(conf).contains("location = syslog"))
        #expect(try Self.text("\(conf).backup") == "mine\n")
        #expect(typed("\(line) --replace --watch").code == 2)
        #expect(typed("config migrate /nonexistent").code == 1)
    }
}
