// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Sockets
import Testing
import TrivialDatabase

@Suite struct DatabaseFileTests {
    let scratch = try? ScratchDirectory()

    func path(_ name: String = "some.tdb") throws -> String {
        try #require(scratch).file(name)
    }

    func made(
        _ records: [String: String] = [:], options: DatabaseFile.Options = []
    ) throws -> DatabaseFile {
        let file = try DatabaseFile(path: path(), access: .creating(), options: options)
        for (key, data) in records { try file.store(Array(key.utf8), Array(data.utf8)) }
        return file
    }

    @Test func whatIsStoredIsFetched() throws {
        let file = try made()
        #expect(try file.fetch([1, 0, 2]) == nil)
        #expect(try !file.contains([1, 0, 2]))
        try file.store([1, 0, 2], [9, 8], [7])
        #expect(try file.fetch([1, 0, 2]) == [9, 8, 7])
        #expect(try file.contains([1, 0, 2]))
        try file.store([1, 0, 2], [])
        #expect(try file.fetch([1, 0, 2]) == [])
        try file.store([], [5])
        #expect(try file.fetch([]) == [5])
        #expect(try file.delete([1, 0, 2]))
        #expect(try !file.delete([1, 0, 2]))
        #expect(try file.fetch([1, 0, 2]) == nil)
    }

    @Test func modesOfStoringAreKept() throws {
        let file = try made(["a": "1"])
        #expect { try file.store([97], [2], mode: .insert) } throws: {
            ($0 as? DatabaseFileError)?.code == .exists
        }
        #expect { try file.store([98], [2], mode: .modify) } throws: {
            ($0 as? DatabaseFileError)?.code == .noSuchRecord
        }
        #expect(try file.fetch([97]) == Array("1".utf8))
        #expect(try file.fetch([98]) == nil)
    }

    @Test func aTraversalSeesEveryRecordAndCanEnd() throws {
        let all = Dictionary(uniqueKeysWithValues: (0..<100).map { ("key\($0)", "data\($0)") })
        let file = try made(all)
        var seen: [String: String] = [:]
        let count = try file.traverse { key, data in
            seen[String(decoding: key, as: UTF8.self)] = String(decoding: data, as: UTF8.self)
            return .next
        }
        #expect(count == 100)
        #expect(seen == all)
        var visits = 0
        try file.traverse(isReading: false) { _, _ in
            visits += 1
            return visits == 3 ? .stop : .next
        }
        #expect(visits == 3)
    }

    @Test func aTransactionHappensWholeOrNotAtAll() throws {
        let file = try made(["a": "1"], options: .persistent)
        try file.beginTransaction()
        #expect { try file.beginTransaction() } throws: {
            ($0 as? DatabaseFileError)?.code == .nesting
        }
        try file.store([97], [50])
        #expect(try file.fetch([97]) == [50])
        try file.cancelTransaction()
        #expect(try file.fetch([97]) == [49])
        try file.beginTransaction()
        try file.store([97], [51])
        try file.store([98], [52])
        try file.commitTransaction()
        #expect(try file.fetch([97]) == [51])
        #expect(try file.fetch([98]) == [52])
        #expect(throws: DatabaseFileError.self) { try file.commitTransaction() }
    }

    @Test func aFileIsOpenedOnce() throws {
        let file = try made()
        #expect {
            _ = try DatabaseFile(path: self.path(), access: .writing)
        } throws: {
            ($0 as? DatabaseFileError)?.code == .notOpened(errno: 16)
        }
        file.close()
        file.close()
        _ = try DatabaseFile(path: path(), access: .writing)
        #expect { _ = try file.fetch([1]) } throws: {
            ($0 as? DatabaseFileError)?.code == .closed
        }
    }

    @Test func readingChangesNothing() throws {
        try made(["a": "1"]).close()
        let file = try DatabaseFile(path: path(), access: .reading)
        #expect(try file.fetch([97]) == [49])
        #expect { try file.store([97], [50]) } throws: {
            ($0 as? DatabaseFileError)?.code == .readOnly
        }
        #expect { try file.beginTransaction() } throws: {
            ($0 as? DatabaseFileError)?.code == .invalidArgument
        }
        #expect(try file.fetch([97]) == [49])
    }

    @Test func whatIsMissingIsNamed() throws {
        let absent = try path("absent.tdb")
        #expect {
            _ = try DatabaseFile(path: absent, access: .writing)
        } throws: {
            let error = $0 as? DatabaseFileError
            return error?.code == .notOpened(errno: 2) && error?.path == absent
                && error?.operation == "open" && "\($0)".contains("absent.tdb")
        }
    }

    @Test func aLockedChainIsLockedForOthersOnly() throws {
        let file = try made(["a": "1"])
        try file.lockChain(of: [97])
        #expect(try file.fetch([97]) == [49])
        // fcntl locks are the process's own, so that only another process can be refused.
        let script = """
            import ctypes, sys
            class Bytes(ctypes.Structure):
                _fields_ = [("p", ctypes.c_char_p), ("n", ctypes.c_size_t)]
            tdb = ctypes.CDLL("libtdb.so.1")
            tdb.tdb_open.restype = ctypes.c_void_p
            handle = ctypes.c_void_p(tdb.tdb_open(sys.argv[1].encode(), 0, 0, 2, 0))
            sys.exit(1 if tdb.tdb_chainlock_nonblock(handle, Bytes(b"a", 1)) else 0)
            """
        #expect(try run("/usr/bin/python3", ["-c", script, path()]) == 1)
        try file.unlockChain(of: [97])
        #expect(try run("/usr/bin/python3", ["-c", script, path()]) == 0)
        #expect(try file.tryLockChain(of: [97]))
        try file.unlockChain(of: [97])
        #expect { try file.unlockChain(of: [97]) } throws: {
            ($0 as? DatabaseFileError)?.code == .noLock
        }
    }

    @Test func theOptionsOfCtdbdWork() throws {
        let options: DatabaseFile.Options = DatabaseFile.hasMutexes ? .volatile : .replicated
        let file = try DatabaseFile(
            path: path(), access: .creating(hashSize: 11), options: options)
        try file.lockChain(of: [1])
        try file.store([1], [2])
        try file.unlockChain(of: [1])
        #expect(try file.hashSize == 11)
        #expect(try file.options.isSuperset(of: [.clearIfFirst, .incompatibleHash]))
        #expect(try file.fetch([1]) == [2])
        file.close()
        // Whoever is the first one again finds it empty.
        let again = try DatabaseFile(path: path(), access: .writing, options: options)
        #expect(try again.fetch([1]) == nil)
    }

    @Test func namesHashAsCtdbdHashesThem() {
        // The ids that ctdbd prints for these names.
        #expect(DatabaseFile.hash(Array("g_lock.tdb\0".utf8)) == 0x4d2a_432b)
        #expect(DatabaseFile.hash(Array("secrets.tdb\0".utf8)) == 0x7132_c184)
    }

    @Test func filesOfTheToolOpen() throws {
        let tool = "/usr/bin/tdbtool"
        try #require(
            FileManager.default.isExecutableFile(atPath: tool), "the package tdb-tools is needed")
        let commands = "create \(try path())\ninsert one first\nstore two second\nquit\n"
        #expect(try run(tool, [], input: commands) == 0)
        let file = try DatabaseFile(path: path(), access: .writing)
        #expect(try file.fetch(Array("one".utf8)) == Array("first".utf8))
        try file.store(Array("three".utf8), Array("third".utf8))
        try file.check()
        file.close()
        #expect(try run(tool, [path(), "check"]) == 0)
    }

    private func run(_ program: String, _ arguments: [String], input: String = "") throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
