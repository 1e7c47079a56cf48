// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing

@Suite struct ScriptFolderTests {
    private let scratch: ScratchDirectory
    private var folder: ScriptFolder { ScriptFolder(path: Array(scratch.path.utf8)) }

    init() throws { scratch = try ScratchDirectory() }

    @Test func scriptsAreFoundByTheirNamesInTheOrderOfBytes() throws {
        let names = [
            "10.b.script", "10.a.script", "05.z.script", "10.B.script", "00..script",
            "99.a.b.script", "1.a.script", "a0.a.script", "10a.script", "10.script",
            "10.a.script~", ".10.a.script", "100.a.script", "10.é.script",
        ]
        for name in names { try scratch.write([], to: name) }
        #expect(
            try folder.scripts().map { String(decoding: $0, as: UTF8.self) } == [
                "00.", "05.z", "10.B", "10.a", "10.b", "10.é", "99.a.b",
            ])
        #expect(
            String(decoding: folder.file(of: Array("10.a".utf8)), as: UTF8.self)
                == scratch.file("10.a.script"))
    }

    @Test func aFolderIsAFolder() throws {
        #expect(folder.check() == 0)
        #expect(ScriptFolder(path: Array(scratch.file("none").utf8)).check() == 2)
        try scratch.write([], to: "file")
        let file = ScriptFolder(path: Array(scratch.file("file").utf8))
        #expect(file.check() == 20)
        #expect(throws: SystemError.self) { try file.scripts() }
        #expect(ScriptFolder(path: [0x61, 0]).check() == 22)
    }

    @Test func aScriptIsMadeExecutableOrNot() throws {
        try scratch.write([], to: "10.a.script")
        #expect(folder.setEnabled(Array("10.a".utf8), true) == 0)
        #expect(scratch.permissions(of: "10.a.script") == 0o711)
        #expect(folder.setEnabled(Array("10.a.script".utf8), false) == 0)
        #expect(scratch.permissions(of: "10.a.script") == 0o600)
        #expect(folder.setEnabled(Array("20.a".utf8), true) == 2)
        #expect(folder.setEnabled(Array(repeating: 0x61, count: 300), true) == 36)
    }

    @Test func theTimeIsWrittenInFull() {
        #expect(LocalTime(microseconds: 1).fraction == 1)
        #expect(LocalTime(microseconds: 2_000_003).seconds == 2)
        #expect(LocalTime(microseconds: 0).text.utf8.count == 32)
    }
}
