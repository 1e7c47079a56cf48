// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyWire
import Sockets
import Testing
import TrivialDatabase
import Vocabulary

@Suite struct LocalCopyTests {
    let scratch = try? ScratchDirectory()

    func data(_ value: [UInt8], rsn: UInt64 = 1) throws -> [UInt8] {
        Array(
            RecordData(
                header: RecordHeader(rsn: RSN(rawValue: rsn), dmaster: PNN(rawValue: 0)), key: [],
                value: value[...], layout: .native
            ).data)
    }

    func made(_ name: String, _ records: [[UInt8]: [UInt8]]) throws -> DatabaseFile {
        let path = try #require(scratch).file(name)
        let file = try DatabaseFile(path: path, access: .creating(), options: .persistent)
        for (key, data) in records { try file.store(key, data) }
        return file
    }

    @Test func valuesAndTheirCountAreRead() throws {
        let file = try made(
            "a.tdb.0",
            [
                [1]: data([10, 11]), [2]: data([]),
                Transaction.sequenceNumberKey: data([4, 1, 0, 0, 0, 0, 0, 0]),
            ])
        file.close()
        let copy = try LocalCopy(path: file.path)
        #expect(copy.values == [[1]: [10, 11]])
        #expect(copy.sequenceNumber == (LegacyLayout.native.byteOrder == .little ? 260 : 4 << 56))
    }

    @Test func whatIsNoRecordIsNamed() throws {
        let file = try made("b.tdb.0", [[1]: [1, 2, 3]])
        file.close()
        #expect { _ = try LocalCopy(path: file.path) } throws: {
            guard case .unreadable? = ($0 as? DatabaseFailure)?.cause else { return false }
            return "\($0)".contains("b.tdb.0")
        }
        let missing = try #require(scratch).file("missing")
        #expect { _ = try LocalCopy(path: missing) } throws: {
            guard case .file(let error)? = ($0 as? DatabaseFailure)?.cause else { return false }
            return error.code == .notOpened(errno: 2)
        }
        // It was not made while it was looked for.
        #expect(throws: SystemError.self) { try SmallFile.read(missing, limit: 1) }
    }

    @Test func aChangeThatACrashCutShortIsUndone() throws {
        let scratch = try #require(scratch)
        let file = try made("c.tdb.0", [[1]: data([1])])
        try file.beginTransaction()
        try file.store([1], data([2]))
        try file.prepareCommit()
        let image = try SmallFile.read(file.path, limit: 1 << 20)
        try file.commitTransaction()
        try scratch.write(image, to: "crashed.tdb.0")
        #expect(try LocalCopy(path: scratch.file("crashed.tdb.0")).values == [[1]: [1]])
        file.close()
        #expect(try LocalCopy(path: file.path).values == [[1]: [2]])
    }
}
