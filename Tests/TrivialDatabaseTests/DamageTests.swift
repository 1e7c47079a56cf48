// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Sockets
import Testing
import TrivialDatabase

/// Files that a crash, a disk or somebody hostile left behind: an error, never a trap.
@Suite struct DamageTests {
    let scratch = try? ScratchDirectory()

    /// The bytes of a file with some records.
    func image() throws -> [UInt8] {
        let scratch = try #require(scratch)
        let file = try DatabaseFile(
            path: scratch.file("whole.tdb"), access: .creating(hashSize: 7))
        for number in UInt8(0)..<40 {
            try file.store([number], [UInt8](repeating: number, count: Int(number) * 3))
        }
        file.close()
        return try SmallFile.read(scratch.file("whole.tdb"), limit: 1 << 20)
    }

    /// Does everything to a file; whatever throws has to be an error of the library.
    func exercise(_ bytes: [UInt8], access: DatabaseFile.Access) throws {
        let scratch = try #require(scratch)
        try scratch.write(bytes, to: "damaged.tdb")
        let path = scratch.file("damaged.tdb")
        let options: DatabaseFile.Options = [.withoutNesting, .withoutSync]
        attempt(path) {
            let file = try DatabaseFile(path: path, access: access, options: options)
            attempt(path) { try file.check() }
            attempt(path) { try file.traverse { _, _ in .next } }
            attempt(path) { _ = try file.fetch([3]) }
            attempt(path) { try file.store([3], [1, 2, 3, 4]) }
            attempt(path) { try file.store([200], [UInt8](repeating: 7, count: 5000)) }
            attempt(path) { try file.delete([5]) }
            attempt(path) {
                try file.beginTransaction()
                try file.store([3], [9])
                try file.commitTransaction()
            }
        }
    }

    func attempt(_ path: String, _ call: () throws -> Void) {
        do { try call() } catch {
            let error = error as? DatabaseFileError
            #expect(error?.path == path)
            #expect(error?.code != .closed)
        }
    }

    @Test func truncatedFilesGiveErrors() throws {
        let bytes = try image()
        for count in stride(from: 0, to: bytes.count, by: 61) {
            try exercise(Array(bytes[..<count]), access: .writing)
            try exercise(Array(bytes[..<count]), access: .reading)
        }
    }

    @Test func changedWordsGiveErrors() throws {
        let bytes = try image()
        let words: [UInt32] = [0, 0x7FFF_FFFF, .max, UInt32(bytes.count)]
        // Every word of the header, the chains, the free list and the first records.
        for offset in stride(from: 0, to: min(bytes.count - 4, 1400), by: 20) {
            for word in words {
                var damaged = bytes
                for byte in 0..<4 {
                    damaged[offset + byte] = UInt8(truncatingIfNeeded: word >> (8 * UInt32(byte)))
                }
                try exercise(damaged, access: .writing)
            }
        }
    }

    @Test func noiseGivesErrors() throws {
        var generator = SystemRandomNumberGenerator()
        for count in [1, 100, 5000] {
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try exercise(noise, access: .writing)
        }
    }

    @Test func damageIsFoundAndNamed() throws {
        let scratch = try #require(scratch)
        var bytes = try image()
        // The magic number of the first record behind the header and the chains.
        for index in bytes.indices.dropFirst(0xA8).prefix(1200) { bytes[index] = 0x55 }
        try scratch.write(bytes, to: "damaged.tdb")
        let file = try DatabaseFile(path: scratch.file("damaged.tdb"), access: .writing)
        #expect { try file.check() } throws: {
            guard let error = $0 as? DatabaseFileError else { return false }
            return error.operation == "check" && error.code == .corrupt && !error.detail.isEmpty
        }
    }

    @Test func aCommitThatACrashCutShortIsUndone() throws {
        let scratch = try #require(scratch)
        let file = try DatabaseFile(
            path: scratch.file("live.tdb"), access: .creating(), options: .persistent)
        try file.store([1], [1])
        try file.store([2], [1])
        try file.beginTransaction()
        try file.store([1], [2])
        try file.store([2], [2])
        try file.prepareCommit()
        let prepared = try SmallFile.read(scratch.file("live.tdb"), limit: 1 << 20)
        try file.commitTransaction()
        let committed = try SmallFile.read(scratch.file("live.tdb"), limit: 1 << 20)
        #expect(prepared != committed)
        // The header says where the old contents are kept meanwhile, behind everything else.
        let kept = prepared[44..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
        try #require(kept > 1000 && kept < prepared.count)
        for cut in stride(from: 0, through: kept, by: 97) {
            let torn = Array(committed[..<cut] + prepared[cut...])
            try scratch.write(torn, to: "torn.tdb")
            // Whoever only reads cannot repair it, and must not read half of it.
            #expect(throws: DatabaseFileError.self, "cut at \(cut)") {
                _ = try DatabaseFile(path: scratch.file("torn.tdb"), access: .reading)
            }
            let repaired = try DatabaseFile(
                path: scratch.file("torn.tdb"), access: .writing, options: .persistent)
            #expect(try repaired.fetch([1]) == [1], "cut at \(cut)")
            #expect(try repaired.fetch([2]) == [1], "cut at \(cut)")
            try repaired.check()
        }
        #expect(try file.fetch([1]) == [2])
    }
}
