// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct InstanceLockTests {
    @Test func aSecondInstanceIsToldWhoRuns() throws {
        let directory = try ScratchDirectory()
        let path = directory.file("lock")
        var first: InstanceLock? = try InstanceLock(path: path)
        #expect(first?.path == path)
        let error = #expect(throws: SystemError.self) { try InstanceLock(path: path) }
        #expect(error?.call == "flock")
        #expect(error?.path == path)
        #expect(error?.errno == EWOULDBLOCK)
        #expect(error?.advice == "another instance runs as process \(getpid()): stop it first")
        first = nil
        let second = try InstanceLock(path: path)
        #expect(try SmallFile.read(second.path, limit: 64) == Array("\(getpid())\n".utf8))
    }

    @Test func aLongerTextOfBeforeIsReplaced() throws {
        let directory = try ScratchDirectory()
        try directory.write(Array("1234567890123456789\n".utf8), to: "lock")
        let lock = try InstanceLock(path: directory.file("lock"))
        #expect(try SmallFile.read(lock.path, limit: 64) == Array("\(getpid())\n".utf8))
    }

    @Test func aMissingDirectoryIsNamed() throws {
        let directory = try ScratchDirectory()
        let error = #expect(throws: SystemError.self) {
            try InstanceLock(path: directory.file("no/lock"))
        }
        #expect(error?.call == "open")
        #expect(error?.errno == ENOENT)
    }
}
