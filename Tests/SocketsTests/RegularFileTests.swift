// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing

@Suite struct RegularFileTests {
    @Test func whatIsWrittenIsRead() throws {
        let scratch = try ScratchDirectory()
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0) }
        let path = scratch.file("some")
        try RegularFile(path: path, for: .replacing(permissions: 0o600)).write(bytes)
        #expect(scratch.permissions(of: "some") == 0o600)
        let file = try RegularFile(path: path, for: .reading)
        #expect(try file.read(upTo: 10) == Array(bytes[..<10]))
        #expect(try file.readPart(upTo: 5) == Array(bytes[10..<15]))
        // Asking for far more than there is takes no memory for it.
        #expect(try file.read(upTo: .max) == Array(bytes[15...]))
        #expect(try file.read(upTo: 1) == [])
        #expect(try file.readPart(upTo: 1) == [])
        try file.rewind()
        #expect(try file.read(upTo: 2) == [0, 1])
    }

    @Test func overwritingKeepsWhatIsBehind() throws {
        let scratch = try ScratchDirectory()
        try scratch.write([1, 2, 3, 4], to: "some")
        let file = try RegularFile(
            path: scratch.file("some"), for: .overwriting(permissions: 0o600))
        try file.write([9, 9])
        try file.rewind()
        try file.write([8])
        #expect(try SmallFile.read(file.path, limit: 10) == [8, 9, 3, 4])
        let emptied = try RegularFile(path: file.path, for: .replacing(permissions: 0o600))
        #expect(try SmallFile.read(emptied.path, limit: 10) == [])
    }

    @Test func whatCannotBeDoneIsNamed() throws {
        let scratch = try ScratchDirectory()
        let missing = scratch.file("missing")
        #expect {
            _ = try RegularFile(path: missing, for: .reading)
        } throws: {
            let error = $0 as? SystemError
            return error?.isMissingFile == true && error?.path == missing
        }
        let folder = try RegularFile(path: scratch.path, for: .reading)
        // EISDIR.
        #expect { _ = try folder.read(upTo: 1) } throws: { ($0 as? SystemError)?.errno == 21 }
        let reading = try RegularFile(path: "/dev/zero", for: .reading)
        // EBADF.
        #expect { try reading.write([1]) } throws: { ($0 as? SystemError)?.errno == 9 }
        #expect(throws: SystemError.self) {
            try RegularFile(path: "/dev/full", for: .overwriting(permissions: 0)).write([1])
        }
    }
}
