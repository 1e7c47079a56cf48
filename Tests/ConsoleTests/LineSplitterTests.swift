// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import Testing

@Suite struct LineSplitterTests {
    typealias Line = LineSplitter.Line

    static func all(_ bytes: [UInt8], in pieces: Int) -> [Line] {
        var splitter = LineSplitter()
        var lines: [Line] = []
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + pieces)
            lines += splitter.append(Array(bytes[at..<end]))
            at = end
        }
        if let last = splitter.end() { lines.append(last) }
        return lines
    }

    @Test(arguments: [1, 2, 3, 100])
    func linesAreTheSameHoweverTheyCome(pieces: Int) {
        let bytes = Array("one\n\ntwo\r\nthr\u{E9}e".utf8)
        #expect(
            Self.all(bytes, in: pieces) == [
                Line(number: 1, content: .text("one")), Line(number: 2, content: .text("")),
                Line(number: 3, content: .text("two")),
                Line(number: 4, content: .text("thr\u{E9}e")),
            ])
    }

    @Test func aLongLineIsCountedAndNotKept() {
        let bytes = [UInt8](repeating: 0x61, count: 10_000_000) + Array("\nnext\n".utf8)
        #expect(
            Self.all(bytes, in: 65_536) == [
                Line(number: 1, content: .tooLong(10_000_000)),
                Line(number: 2, content: .text("next")),
            ])
    }

    @Test func whatIsNoTextIsSaidToBeNone() {
        #expect(
            Self.all([0xFF, 0xFE, 0x0A, 0x61], in: 2) == [
                Line(number: 1, content: .notText), Line(number: 2, content: .text("a")),
            ])
    }
}
