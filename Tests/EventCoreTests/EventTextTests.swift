// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Testing

@Suite struct EventTextTests {
    @Test func aTextIsOneLineForPeople() {
        #expect("\(EventText("a b"))" == "a b")
        #expect("\(EventText("a\nb\tc\r"))" == "a\\nb\\tc\\r")
        #expect("\(EventText([0x61, 0x01, 0x7F]))" == "a\\x01\\x7f")
        #expect("\(EventText([0xE9]))" == "\u{FFFD}")
        #expect("\(EventText("é"))" == "é")
    }

    @Test func bytesMakeTheDifference() {
        #expect(EventText("a") == EventText([0x61]))
        // The same letter in two spellings: two names of files.
        #expect(EventText("\u{E9}") != EventText("e\u{301}"))
    }
}
