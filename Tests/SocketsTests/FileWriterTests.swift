// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

@Suite struct FileWriterTests {
    @Test func whatIsGivenIsWrittenInOrder() throws {
        let scratch = try ScratchDirectory()
        let files = try ["first", "second"].map {
            try RegularFile(path: scratch.file($0), for: .replacing(permissions: 0o600))
        }
        let writer = try FileWriter(limit: 1_000)
        defer { writer.close() }
        var wanted: [[UInt8]] = [[], []]
        for number in 0..<300 {
            let piece = [UInt8](repeating: UInt8(number & 0xFF), count: number)
            wanted[number % 2] += piece
            try writer.write(piece, to: files[number % 2])
        }
        // Longer than what may wait.
        wanted[0] += [UInt8](repeating: 7, count: 5_000)
        try writer.write([UInt8](repeating: 7, count: 5_000), to: files[0])
        try writer.finish()
        #expect(writer.waitingByteCount == 0)
        #expect(try files.map { try SmallFile.read($0.path, limit: 100_000) } == wanted)
    }

    /// A pipe takes 64 KiB, and the rest when somebody reads.
    @Test func whoGivesTooMuchWaits() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("pipe")
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/usr/bin/mkfifo")
        make.arguments = [path]
        try make.run()
        make.waitUntilExit()
        try #require(make.terminationStatus == 0)
        let pipe = try RegularFile(path: path, for: .overwriting(permissions: 0o600))
        let writer = try FileWriter(limit: 100_000)
        defer { writer.close() }
        let piece = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        Thread.detachNewThread {
            for _ in 0..<20 { try? writer.write(piece, to: pipe) }
        }
        let reader = try RegularFile(path: path, for: .reading)
        var count = 0
        while count < 20 * piece.count {
            let part = try reader.readPart(upTo: 10_000)
            #expect(part.indices.allSatisfy { part[$0] == piece[(count + $0) % piece.count] })
            count += part.count
            #expect(writer.waitingByteCount <= 100_000)
        }
        try writer.finish()
    }

    @Test func whatCannotBeWrittenIsSaidFromThenOn() throws {
        let writer = try FileWriter(limit: 1_000)
        defer { writer.close() }
        let full = try RegularFile(path: "/dev/full", for: .overwriting(permissions: 0o600))
        try writer.write([1, 2, 3], to: full)
        let wanted = SystemError(call: "write", path: "/dev/full", errno: ENOSPC)
        #expect(throws: wanted) { try writer.finish() }
        #expect(throws: wanted) { try writer.write([4], to: full) }
    }
}
