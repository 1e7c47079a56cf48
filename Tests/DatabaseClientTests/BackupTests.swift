// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import DatabaseClient
import LegacyWire
import Sockets
import Testing
import Vocabulary

@Suite struct BackupTests {
    static let layout = LegacyLayout(byteOrder: .little, wordSize: .bits64)
    let scratch = try? ScratchDirectory()

    static let header = BackupHeader(
        time: 0x6543_2100, flags: [.persistent], bufferCount: 1, recordCount: 2, name: "x.tdb")

    static func hex(_ words: [UInt64]) -> [UInt8] {
        words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    @Test func theHeaderIsLaidOutAsTheLegacyToolDoes() throws {
        // version, time, flags, buffers, records, a C long each; then the name in 64 bytes.
        let bytes =
            Self.hex([3, 0x6543_2100, 1, 1, 2]) + Array("x.tdb".utf8)
            + [UInt8](repeating: 0, count: 59)
        #expect(try Self.header.encoded(layout: Self.layout) == bytes)
        #expect(try BackupHeader.decode(bytes[...], layout: Self.layout) == Self.header)
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try BackupHeader.decode(bytes[..<count], layout: Self.layout)
            }
        }
        #expect(BackupHeader.byteCount(layout: Self.layout) == bytes.count)
        let narrow = LegacyLayout(byteOrder: .little, wordSize: .bits32)
        let short = try Self.header.encoded(layout: narrow)
        #expect(short.count == 84)
        #expect(try BackupHeader.decode(short[...], layout: narrow) == Self.header)
    }

    @Test func aNameIsCutWhereTheLegacyToolCutsIt() throws {
        let header = BackupHeader(
            time: 0, flags: [], bufferCount: 0, recordCount: 0,
            name: String(repeating: "n", count: 80))
        #expect(header.name.count == 63)
        let bytes = try header.encoded(layout: Self.layout)
        #expect(bytes.count == 104)
        #expect(bytes.last == 0)
    }

    /// A file with two records, as the legacy tool writes it on a machine like this one.
    func image() throws -> [UInt8] {
        let records = try [1, 2].flatMap { (number: UInt8) in
            try RecordData(
                header: RecordHeader(rsn: RSN(rawValue: 7), dmaster: PNN(rawValue: 0)),
                key: [number], value: [number, number], layout: .native
            ).encoded(layout: .native)
        }
        var writer = LegacyLayout.native.writer()
        try Self.header.encode(into: &writer, layout: .native)
        writer.write(UInt32(0x1234_5678))
        writer.write(UInt32(2))
        writer.write(UInt64(records.count))
        writer.write(contentsOf: records)
        return writer.finish()
    }

    func reader(_ bytes: [UInt8]) throws -> BackupReader {
        let scratch = try #require(scratch)
        try scratch.write(bytes, to: "backup")
        return try BackupReader(RegularFile(path: scratch.file("backup"), for: .reading))
    }

    @Test func recordsAreRead() throws {
        let backup = try reader(try image())
        #expect(backup.header == Self.header)
        #expect(backup.header.databaseFlags == .persistent)
        let buffer = try backup.next()
        #expect(buffer.database == DatabaseID(rawValue: 0x1234_5678))
        #expect(buffer.records.map { Array($0.key) } == [[1], [2]])
        let (header, value) = try buffer.records[1].split(layout: .native)
        #expect(header.rsn == RSN(rawValue: 7))
        #expect(Array(value) == [2, 2])
        #expect(throws: DatabaseFailure.self) { try backup.next() }
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = try image()
        for count in 0..<bytes.count {
            #expect(throws: DatabaseFailure.self, "\(count) bytes") {
                _ = try self.reader(Array(bytes[..<count])).next()
            }
        }
    }

    @Test func lengthsThatLieAreErrors() throws {
        let bytes = try image()
        for offset in stride(from: 104, to: bytes.count - 4, by: 4) {
            for word in [UInt32(3), 0x7FFF_FFFF, .max] {
                var damaged = bytes
                for byte in 0..<4 {
                    damaged[offset + byte] = UInt8(truncatingIfNeeded: word >> (8 * UInt32(byte)))
                }
                // Some words are data; then it can be read.
                do { _ = try reader(damaged).next() } catch {
                    guard case .unreadable? = (error as? DatabaseFailure)?.cause else {
                        Issue.record("\(error)")
                        continue
                    }
                }
            }
        }
    }

    @Test func anotherVersionIsNamed() throws {
        var bytes = try image()
        bytes[0] = 4
        #expect {
            _ = try self.reader(bytes)
        } throws: {
            ($0 as? DatabaseFailure)?.cause == .wrongVersion(4)
        }
    }
}
