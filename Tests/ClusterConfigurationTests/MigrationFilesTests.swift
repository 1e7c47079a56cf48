// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationShell
import Sockets
import Testing

@Suite struct MigrationFilesTests {
    static let old = "CTDB_LOGGING=syslog\nCTDB_SET_EnableBans=0\n"

    static func text(_ path: String) throws -> String {
        String(decoding: try SmallFile.read(path, limit: 10_000), as: UTF8.self)
    }

    @Test func filesAreWrittenAndTheirBackupsKept() throws {
        let directory = try ScratchDirectory()
        try directory.write(Array(Self.old.utf8), to: "old")
        let migration = try Migration.read([directory.file("old")], folder: directory.path)
        let conf = directory.file("ctdb.conf")
        let first = try migration.write(to: directory.path, replaces: false)
        #expect(first.map(\.path) == [conf, directory.file("ctdb.tunables")])
        #expect(first.map(\.backup) == [nil, nil])
        #expect(try Self.text(conf).contains("\tlocation = syslog\n"))
        #expect(directory.permissions(of: "ctdb.conf") == 0o644)

        try directory.write(Array("mine\n".utf8), to: "ctdb.conf")
        let failure = #expect(throws: Migration.WriteFailure.self) {
            try migration.write(to: directory.path, replaces: false)
        }
        #expect(failure?.existing == [conf, directory.file("ctdb.tunables")])
        #expect(try Self.text(conf) == "mine\n")

        let second = try migration.write(to: directory.path, replaces: true)
        #expect(
            second.map(\.backup) == [
                "\(conf).backup", directory.file("ctdb.tunables.backup"),
            ])
        #expect(try Self.text("\(conf).backup") == "mine\n")
        #expect(try Self.text(conf).contains("\tlocation = syslog\n"))
        let third = try migration.write(to: directory.path, replaces: true)
        #expect(third.first?.backup == "\(conf).backup.1")
        #expect(try Self.text("\(conf).backup") == "mine\n")
        #expect(try Folder.names(in: directory.path).count == 7, "no temporary file is left")
    }

    @Test func eventScriptsBecomeLinks() throws {
        let directory = try ScratchDirectory()
        let migration = Migration(
            of: [("old", Array("CTDB_MANAGES_NFS=yes".utf8))], folder: directory.path)
        let failure = #expect(throws: Migration.WriteFailure.self) {
            try migration.write(to: directory.path, replaces: false)
        }
        #expect(failure?.reason?.isMissingFile == true)
        #expect(failure?.written == [])
    }

    @Test func aFolderIsReadWithWhatCannotBeRead() throws {
        let directory = try ScratchDirectory()
        try directory.write(Array("[cluster]\nnode adress = 1\n".utf8), to: "ctdb.conf")
        try directory.write([UInt8](repeating: 35, count: 2 << 20), to: "ctdb.tunables")
        try directory.write([], to: "ctdb.conf.d")
        let found = ConfigurationFolder.read(directory.path).complaints()
        let name = { (one: Complaint) in String(one.file.dropFirst(directory.path.count + 1)) }
        #expect(
            found.map { "\(name($0)):\($0.line ?? 0)" } == [
                "ctdb.conf:2", "ctdb.tunables:0", "ctdb.conf.d/:0", "nodes:0",
            ])
        #expect(found.first?.nearest == "node address")
    }

    @Test func aFolderInPlaceOfAFileIsNamed() {
        let folder = ConfigurationFolder(
            path: "/c",
            files: [
                .init("nodes", Array("10.0.0.1\n".utf8)),
                .init("ctdb.conf", failure: "read /c/ctdb.conf: Is a directory (errno 21)"),
                .init("public_addresses", Array("10.0.0.1/24 eth0\n".utf8)),
                .init("events/legacy/50.samba.options", Array("CTDB_NFS_CALLOUT = x\n".utf8)),
                .init("ctdb.conf.d/a.conf", Array("[proxy]\nheld limit = 1M\n".utf8)),
                .init("ctdb.conf.d/b.conf", Array("[proxy]\nheld limit = 1M\n".utf8)),
            ])
        #expect(
            folder.complaints().map { "\($0.file):\($0.line ?? 0)" } == [
                "/c/ctdb.conf:0", "/c/public_addresses:1", "/c/events/legacy/50.samba.options:1",
                "/c/ctdb.conf.d/b.conf:2",
            ])
        let settings = EffectiveSetting.all(of: folder)
        let limit = settings.first { $0.name == "held limit" }
        #expect(limit?.file == "/c/ctdb.conf.d/b.conf" && limit?.value == "1M")
        let level = settings.first { $0.name == "log level" }
        #expect(level?.value == "NOTICE" && level?.file == nil)
        let sections = ConfigurationSchema.ctdbd.sections + ConfigurationSchema.daemons.sections
        let usual = sections.filter { !$0.name.hasSuffix(" *") }
        #expect(settings.count == usual.reduce(0) { $0 + $1.settings.count })
    }
}
