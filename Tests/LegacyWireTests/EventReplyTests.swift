// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing

@Suite struct EventReplyTests {
    @Test func bytesAndValueAgree() throws {
        try expectGolden(EventReply.run(result: -2), "01000000 feffffff")
        try expectGolden(EventReply.script(result: 22), "03000000 16000000")
        try expectGolden(EventReply.statusFailed(result: 2), "02000000 02000000")
        try expectGolden(
            EventReply.status(EventStatus(summary: 1, scripts: [])),
            "02000000 00000000 01000000 00000000")
        try expectGolden(EventReply.run(result: 1), "00000001 00000001", layout: big64)
    }

    @Test func aCommandThatThereIsNotIsRefused() {
        for hex in ["00000000 00000000", "04000000 00000000"] {
            #expect(throws: WireError.self) {
                try EventReply.decode(bytes(hex)[...], layout: little64)
            }
        }
    }

    @Test func aFailureWithoutReasonIsNotWritten() {
        #expect(throws: WireError.self) {
            try EventReply.statusFailed(result: 0).encoded(layout: little64)
        }
    }

    @Test func whatTheDaemonAnswers() throws {
        guard case .status(let status) = try EventFixtures.reply("status") else {
            Issue.record("no status")
            return
        }
        #expect(status.summary == 0)
        #expect(status.scripts.first?.name == "00.ctdb")
        #expect(status.scripts.allSatisfy { $0.begin.seconds > 1_700_000_000 })
        #expect(try EventFixtures.reply("run") == .run(result: 0))
        guard case .statusFailed(let error) = try EventFixtures.reply("status-missing") else {
            Issue.record("no failure")
            return
        }
        #expect(error == 22)
    }
}
