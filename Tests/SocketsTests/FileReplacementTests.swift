// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct FileReplacementTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func text(_ name: String) throws -> String {
        String(decoding: try SmallFile.read(scratch.file(name), limit: 1_000), as: UTF8.self)
    }

    @Test func theOldFileStaysUntilTheNewOneIsWhole() throws {
        try scratch.write(Array("old".utf8), to: "backup")
        let new = try FileReplacement(of: scratch.file("backup"))
        try new.file.write(Array("new".utf8))
        #expect(try text("backup") == "old")
        try new.commit()
        #expect(try text("backup") == "new")
    }

    @Test func whatIsNotPutThereLeavesNothing() throws {
        try scratch.write(Array("old".utf8), to: "backup")
        var path = ""
        do {
            let new = try FileReplacement(of: scratch.file("backup"))
            try new.file.write(Array("new".utf8))
            path = new.file.path
        }
        #expect(try text("backup") == "old")
        #expect(throws: SystemError.self) { try SmallFile.read(path, limit: 10) }
    }

    @Test func aFileThatIsMissingIsMadeForItsOwner() throws {
        let new = try FileReplacement(of: scratch.file("fresh"))
        try new.file.write([65])
        try new.commit()
        #expect(try text("fresh") == "A")
        #expect(scratch.permissions(of: "fresh") == 0o600)
    }

    @Test func whatIsNoFileIsWrittenAndNotReplaced() throws {
        let before = try FileReplacement(of: "/dev/null")
        try before.file.write([65])
        try before.commit()
        #expect(before.file.path == "/dev/null")
        #expect(try SmallFile.read("/dev/null", limit: 1).isEmpty)
    }
}
