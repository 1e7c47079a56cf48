// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Addresses
import Sockets
import Testing

@Suite struct HistoryFileTests {
    private static func words(_ file: HistoryFile) -> [String] {
        file.lines.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func linesOutliveTheProcess() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("history")
        let first = HistoryFile(path: path, limit: 10)
        #expect(first.lines == [])
        for number in 0..<3 { first.append(Array("line \(number)".utf8)) }
        #expect(Self.words(HistoryFile(path: path, limit: 10)) == ["line 0", "line 1", "line 2"])
    }

    @Test func neitherFileNorMemoryGrowsForEver() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("history")
        let file = HistoryFile(path: path, limit: 10)
        for number in 0..<1000 {
            file.append(Array("line \(number)".utf8))
            let bytes = try SmallFile.read(path, limit: 1 << 20)
            #expect(bytes.count { $0 == 10 } <= 20)
            #expect(file.lines.count <= 12)
        }
        let again = HistoryFile(path: path, limit: 10)
        #expect(Self.words(again) == (990..<1000).map { "line \($0)" })
    }

    @Test func halfALineIsForgottenAndSpoilsNoOther() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("history")
        try scratch.write(Array("one\ntwo\nthr".utf8), to: "history")
        let file = HistoryFile(path: path, limit: 10)
        #expect(Self.words(file) == ["one", "two"])
        file.append(Array("three".utf8))
        #expect(Self.words(HistoryFile(path: path, limit: 10)) == ["one", "two", "three"])
    }

    @Test func whatCannotBeWrittenIsKeptInMemoryAndSaidOnce() throws {
        let scratch = try ScratchDirectory()
        let file = HistoryFile(path: scratch.file("missing/history"), limit: 10)
        var failures = 0
        file.failed = { _ in failures += 1 }
        for number in 0..<3 { file.append([UInt8(ascii: "0") + UInt8(number)]) }
        #expect(Self.words(file) == ["0", "1", "2"])
        #expect(failures == 1)
    }
}
