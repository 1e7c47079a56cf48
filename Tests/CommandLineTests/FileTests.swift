// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import LegacyWire
import Sockets
import Testing
import TrivialDatabase
import Vocabulary

/// Verbs that are about files of this machine: records past ctdbd, services by their scripts.
@Suite struct FileTests {
    /// A TDB file with one record of ctdbd and one that is none.
    private static func database(_ scratch: ScratchDirectory) throws -> String {
        let path = scratch.file("a.tdb")
        let file = try DatabaseFile(path: path, access: .creating())
        let header = RecordHeader(rsn: RSN(rawValue: 5), dmaster: PNN(rawValue: 2))
        let record = RecordData(
            header: header, key: [], value: Array("value".utf8)[...], layout: .native)
        try file.store(Array("key".utf8), Array(record.data))
        try file.store(Array("bare".utf8), [1, 2, 3])
        return path
    }

    @Test func recordsOfAFileAreShownAndStored() throws {
        let scratch = try ScratchDirectory()
        let path = try Self.database(scratch)
        let get = typed("db file get \(path) key --porcelain --output \(scratch.file("raw"))")
        #expect(get.code == 0, "\(get)")
        #expect(get.output.contains("value\tvalue\n"))
        #expect(get.output.contains("rsn\t5\ndmaster\t2\nrecord_flags\t0\n"))
        let raw = try SmallFile.read(scratch.file("raw"), limit: 1_000)
        let header = RecordHeader(rsn: RSN(rawValue: 5), dmaster: PNN(rawValue: 2))
        #expect(raw.count == header.byteCount(layout: .native) + 5)
        #expect(typed("db file get \(path) bare").errors.contains("no header of ctdbd"))
        #expect(typed("db file get \(path) nothing").errors.contains("there is no record"))

        #expect(typed("db file set \(path) ff00 0102 --hex --rsn 9 --dmaster 1").code == 0)
        let dump = typed("db file dump \(path) --porcelain").output
        #expect(dump.hasPrefix("kind\ttdb\n"))
        #expect(dump.contains("ff00\t0102\t9\t1\t0\n"), "\(dump)")
        #expect(dump.contains("bare\t"), "\(dump)")
        #expect(typed("db file check \(path)").output == "yes\n")
    }

    @Test func whatIsNoSuchFileIsSaid() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(Array("something else".utf8), to: "text")
        let text = scratch.file("text")
        for line in ["db file get \(text) k", "db file set \(text) k v", "db file check \(text)"] {
            let outcome = typed(line)
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("it is no TDB file"), "\(line): \(outcome.errors)")
        }
        #expect(typed("db file dump \(text)").code == 1)
        let missing = typed("db file dump \(scratch.file("nothing"))")
        #expect(missing.code == 1)
        #expect(missing.errors.contains("No such file"))
        // A damaged file is an error with a reason, and no crash.
        var bytes = try SmallFile.read(try Self.database(scratch), limit: 1 << 20)
        for index in stride(from: 100, to: bytes.count, by: 97) { bytes[index] ^= 0x5A }
        try scratch.write(bytes, to: "damaged")
        let damaged = typed("db file check \(scratch.file("damaged"))")
        #expect(damaged.code == 1)
        #expect(typed("db file dump \(scratch.file("damaged"))").code != 2)
    }

    @Test func aFileThatTheDaemonHasOpenIsNotWritten() throws {
        let scratch = try ScratchDirectory()
        let path = try Self.database(scratch)
        let daemon = try FakeDaemon.cluster { request, _ in
            if case .getDatabasePath = request { .reply(.databasePath(path)) } else { nil }
        }
        defer { daemon.end() }
        for line in ["db file set \(path) k v", "db file set \(path) k v --dry-run"] {
            let outcome = typed(line, socket: daemon.path)
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("ctdbd has it open, as ctdb.tdb"), "\(outcome)")
        }
    }

    // MARK: Services

    @Test func servicesAreThoseThatScriptsName() throws {
        let scratch = try ScratchDirectory()
        for folder in ["share/events/legacy", "events/legacy"] {
            try FileManager.default.createDirectory(
                atPath: scratch.file(folder), withIntermediateDirectories: true)
        }
        func script(_ name: String, _ text: String) throws {
            try scratch.write(Array(text.utf8), to: "share/events/legacy/\(name).script")
        }
        try script("50.samba", "#!/bin/sh\n\tservice_name=\"samba\"\n")
        try script("11.natgw", "service_name=natgw\nctdb_setup_state_dir \"failover\" x\n")
        try script("10.interface", "# service_name= is not set\n")
        let variables = ["CTDB_TEST_MODE": "1", "CTDB_BASE": scratch.path]
        let list = typed("service list --porcelain", variables: variables)
        #expect(list == Outcome(output: "samba\t50.samba\t0\n"))
        let status = typed("service status", variables: variables)
        #expect(status.code == 4)
        #expect(status.errors.contains("event daemon"))
        let unknown = typed("service status smaba", variables: variables)
        #expect(unknown.code == 2)
        #expect(unknown.errors.contains("did you mean samba?"))
    }
}
