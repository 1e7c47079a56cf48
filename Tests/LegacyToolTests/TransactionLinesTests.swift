// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import Testing

@Suite struct TransactionLinesTests {
    func lines(_ parts: [String]) -> [String] {
        var left = parts.map { Array($0.utf8) }
        var lines = TransactionLines { left.isEmpty ? [] : left.removeFirst() }
        var all: [String] = []
        while let line = lines.next() { all.append(line.string) }
        return all
    }

    @Test func linesAreFoundHoweverTheyArrive() {
        #expect(lines([]) == [])
        #expect(lines(["a\nb\n"]) == ["a\n", "b\n"])
        #expect(lines(["a", "\n", "b"]) == ["a\n", "b"])
        #expect(lines(["\n\n"]) == ["\n", "\n"])
    }

    @Test func aLongLineCountsAsSeveral() {
        let long = String(repeating: "x", count: 2000)
        let found = lines([long + "\nend\n"])
        #expect(found.map(\.utf8.count) == [1023, 978, 4])
        // A line that just fits is one.
        #expect(lines([long.prefix(1022) + "\nend"]).map(\.utf8.count) == [1023, 3])
        #expect(lines([long.prefix(1023) + "\nend"]).map(\.utf8.count) == [1023, 1, 3])
    }

    @Test func tenMegabytesInALineAreRead() {
        let part = String(repeating: "y", count: 100_000)
        let found = lines(Array(repeating: part, count: 100))
        #expect(found.reduce(0) { $0 + $1.utf8.count } == 10_000_000)
    }

    func change(_ key: String, _ value: String) -> TransactionLines.Meaning {
        .change(key: Array(key.utf8), value: Array(value.utf8))
    }

    @Test func aLineIsAKeyAndAValue() {
        #expect(TransactionLines.meaning(of: "\"a\" \"b\"\n") == change("a", "b"))
        #expect(TransactionLines.meaning(of: " \t\"a b\"\"c\" rest") == change("a b", "c"))
        #expect(
            TransactionLines.meaning(of: "\"0x4100\" \"0x\"\n") == .change(key: [65, 0], value: []))
        #expect(TransactionLines.meaning(of: "\"gone\" \"\"\n") == change("gone", ""))
    }

    @Test func aLineWithoutAKeyIsNothing() {
        #expect(TransactionLines.meaning(of: "\"\" what\n") == .nothing)
        #expect(TransactionLines.meaning(of: "\"0x\" \"b\"\n") == .nothing)
        // The value of this one is looked at.
        #expect(
            TransactionLines.meaning(of: "\"0x\" b\n")
                == .wrong("Unsupported input format in  b\n\n"))
    }

    @Test func whatIsWrongIsSaidAsTheInstalledToolSaysIt() {
        #expect(TransactionLines.meaning(of: "\n") == .wrong("Unsupported input format in \n\n"))
        #expect(
            TransactionLines.meaning(of: "\"open\n") == .wrong("Unmatched \" in input \"open\n\n"))
        #expect(
            TransactionLines.meaning(of: "\"a\" open\n")
                == .wrong("Unsupported input format in  open\n\n"))
        // A NUL ends what the installed tool sees.
        #expect(
            TransactionLines.meaning(of: RawText(bytes: Array("\"a\" \"b\0c\"\n".utf8)))
                == .wrong("Unmatched \" in input  \"b\n"))
        #expect(
            TransactionLines.meaning(of: "\"0x1\" \"b\"\n")
                == .wrong("Key (1\" \"b\"\n) contains odd number of hex digits\n"))
    }
}
