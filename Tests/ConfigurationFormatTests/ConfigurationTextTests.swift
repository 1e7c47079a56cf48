// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import Testing

@Suite struct ConfigurationTextTests {
    static func parse(_ text: String) -> ConfigurationText {
        ConfigurationText(parsing: Array(text.utf8), source: "c")
    }

    static func values(_ text: String) -> [String] {
        parse(text).settings.map { "\($0.section ?? "-")/\($0.name)=\($0.value ?? "nil")" }
    }

    @Test func bothKindsOfCommentsAreLeftOut() {
        #expect(Self.values("#a=1\n  ; b = 2\n[s]\nc = 3 ; 4 # 5") == ["s/c=3 ; 4 # 5"])
    }

    @Test func runsOfSpaceAreTheirFirstCharacter() {
        #expect(
            Self.values("[s]\n a \t b  =  c \t\t d  \nx=\ty\t z") == ["s/a b=c d", "s/x=y\tz"])
    }

    @Test func aBackslashAtTheEndGoesOnInTheNextLine() {
        let text = Self.parse("[s]\na = b\\\n   c \\ \n  d\n# no \\\ne = f\\g\nh = i\\")
        #expect(text.settings.map(\.value) == ["b c d", "f\\g", "i\\"])
        #expect(text.settings.map(\.line) == [2, 6, 7])
    }

    @Test func sectionsHaveNoCaseAndTheirSpacesCount() {
        let text = Self.parse("[Cluster]\na=1\n[ logging ]\nb=2")
        #expect(text.headings.map(\.name) == ["Cluster", " logging "])
        #expect(text.settings.map(\.section) == ["cluster", " logging "])
    }

    @Test func carriageReturnsAndAMissingEndOfLineDoNotCount() {
        #expect(Self.values("[s]\r\na = 1\r\n\r\nb = 2\r") == ["s/a=1", "s/b=2"])
        #expect(Self.values("[s]\na") == ["s/a=nil"])
        #expect(Self.values("") == [])
    }

    @Test func everythingWrongIsListedAndTheRestIsRead() {
        let bytes =
            Array("a=1\n[s\nb=2\n[t]\n=3\nc=".utf8) + [0, 10] + Array("d=".utf8) + [0xFF, 10]
            + Array("# ".utf8) + [0xE9, 0, 10] + Array("e=5".utf8)
        let text = ConfigurationText(parsing: bytes, source: "c")
        #expect(
            text.problems.map { "\($0.line ?? 0) \($0.problem)" } == [
                "2 badSection", "5 notASetting", "6 zeroByte", "7 notText",
            ])
        #expect(text.settings.map(\.name) == ["a", "b", "e"])
        #expect(text.settings.map(\.section) == [nil, nil, "t"])
    }

    @Test func aLineOfTenMegabytesIsReadInOneGo() {
        let long = String(repeating: "x", count: 10 << 20)
        let text = Self.parse("[s]\na = \(long)\nb = 1")
        #expect(text.settings.map { $0.value?.utf8.count } == [10 << 20, 1])
        #expect(Self.parse(long).settings.first?.value == nil)
    }

    @Test func settingsInSeveralFilesAreFoundTwice() throws {
        let first = ConfigurationText(parsing: Array("[s]\na=1\nb=1".utf8), source: "1")
        let second = ConfigurationText(parsing: Array("[S]\nc=1\nb=2".utf8), source: "2")
        #expect(
            Configuration.duplicates(in: [first, second]).map(\.description) == [
                "2:3: b is in 1, line 3 already"
            ])
        #expect(throws: ConfigurationError.self) {
            try Configuration(merging: [first, second], source: "d")
        }
        let third = ConfigurationText(parsing: Array("[s]\nc=bad".utf8), source: "3")
        let merged = try Configuration(merging: [first, third], source: "d")
        #expect(merged.string("a", in: "s") == "1")
        let error = #expect(throws: ConfigurationError.self) { try merged.bool("c", in: "s") }
        #expect(error?.source == "3" && error?.line == 2)
    }
}
