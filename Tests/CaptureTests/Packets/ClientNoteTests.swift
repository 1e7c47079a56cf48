// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Testing

@Suite struct ClientNoteTests {
    @Test(arguments: ["smbd", "", "a program (with spaces)"])
    func whatIsWrittenIsRead(name: String) throws {
        let text = "client 12 pid 345 \(name)"
        let note = try #require(ClientNote(text: text))
        #expect(note.number == 12)
        #expect(note.pid == 345)
        #expect(note.name == name)
        #expect(note.text == text)
    }

    @Test func anotherCommentIsNone() {
        for text in ["", "client", "client x pid 1 a", "client 1 pid", "somebody said hello to me"]
        {
            #expect(ClientNote(text: text) == nil)
        }
    }
}
