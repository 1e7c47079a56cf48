// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct SocketDirectoryTests {
    @Test func checkingMakesNothing() throws {
        let parent = try ScratchDirectory()
        let path = parent.file("run")
        let error = #expect(throws: SystemError.self) { try SocketDirectory.check(path) }
        #expect(error?.isMissingFile == true)
        #expect(parent.permissions(of: "run") == nil)
        try SocketDirectory.prepare(path)
        try SocketDirectory.check(path)
    }

    @Test func aMissingDirectoryIsMadeForItsOwnerOnly() throws {
        let parent = try ScratchDirectory()
        let path = parent.file("run")
        try SocketDirectory.prepare(path)
        #expect(parent.permissions(of: "run") == 0o700)
        try SocketDirectory.prepare(path)
        #expect(parent.remove("run"))
    }

    @Test func aMissingParentIsNamed() throws {
        let parent = try ScratchDirectory()
        let path = parent.file("no/run")
        let error = #expect(throws: SystemError.self) { try SocketDirectory.prepare(path) }
        #expect(error?.call == "mkdir")
        #expect(error?.path == path)
        #expect(error?.errno == ENOENT)
        #expect(error?.advice == "make the directory above it first")
    }

    @Test func aFileIsNoDirectory() throws {
        let parent = try ScratchDirectory()
        try parent.write([1], to: "run")
        let error = #expect(throws: SystemError.self) {
            try SocketDirectory.prepare(parent.file("run"))
        }
        #expect(error?.errno == ENOTDIR)
    }

    @Test(arguments: [UInt32(0o755), 0o770, 0o701, 0o777])
    func aDirectoryThatOthersCanEnterIsRefused(mode: UInt32) throws {
        let directory = try ScratchDirectory()
        directory.setPermissions(mode)
        let error = #expect(throws: SystemError.self) {
            try SocketDirectory.prepare(directory.path)
        }
        #expect(error?.errno == EPERM)
        let octal = String(mode, radix: 8)
        #expect(error?.advice == "mode \(octal) lets others in: chmod it to 700")
        directory.setPermissions(0o700)
        try SocketDirectory.prepare(directory.path)
    }

    @Test func aDirectoryThatItsOwnerCannotWriteIsRefused() throws {
        let directory = try ScratchDirectory()
        directory.setPermissions(0o500)
        let error = #expect(throws: SystemError.self) {
            try SocketDirectory.prepare(directory.path)
        }
        #expect(error?.errno == EACCES)
        directory.setPermissions(0o700)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a directory away"))
    func aDirectoryOfAnotherUserIsRefused() throws {
        let directory = try ScratchDirectory()
        #expect(directory.setOwner(12345))
        let error = #expect(throws: SystemError.self) {
            try SocketDirectory.prepare(directory.path)
        }
        #expect(error?.advice == "it belongs to uid 12345, this is uid 0: chown it")
        #expect(directory.setOwner(0))
    }

    @Test func theOwnerOfASocketIsFound() throws {
        let parent = try ScratchDirectory()
        let path = parent.file("owned.sock")
        #expect(ProcessFacts.owners(ofSocketAt: path) == [])
        let socket = try DatagramSocket(boundTo: path)
        #expect(ProcessFacts.owners(ofSocketAt: path) == [getpid()])
        withExtendedLifetime(socket) {}
    }
}
