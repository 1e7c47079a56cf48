// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct ControlReplyTests {
    @Test(arguments: LegacyLayout.all)
    func whatIsWrittenIsRead(layout: LegacyLayout) throws {
        let seed: UInt64 = 0x7AB1_EC12
        var generator = SeededGenerator(seed: seed)
        for round in 0..<200 {
            for (opcode, reply) in generator.replies() {
                let body = try reply.encode(layout: layout)
                let decoded = try ControlReply.decode(from: body, to: opcode, layout: layout)
                #expect(decoded == reply, "seed \(seed), round \(round), \(opcode)")
            }
        }
    }

    @Test func aNegativeStatusIsAFailureEverywhere() throws {
        for opcode in ControlOpcode.allKnown {
            let body = ReplyControl(status: -1, error: slice("why"))
            #expect(
                try ControlReply.decode(from: body, to: opcode, layout: little64)
                    == .failed(status: -1, reason: "why"))
        }
    }

    @Test func aPositiveStatusIsAnAnswerOrAFailure() throws {
        let body = ReplyControl(status: 1)
        #expect(
            try ControlReply.decode(from: body, to: .setTunable, layout: little64)
                == .done(status: 1))
        #expect(
            try ControlReply.decode(from: body, to: .getPNN, layout: little64)
                == .pnn(PNN(rawValue: 1)))
        #expect(
            try ControlReply.decode(from: body, to: .getNodeMap, layout: little64)
                == .failed(status: 1, reason: ""))
    }

    @Test func anEmptyDataIsRefusedWhereSomethingIsNeeded() {
        let needy: [ControlOpcode] = [
            .getVNNMap, .getNodeMap, .getDatabaseMap, .attachDatabase, .getTunable, .uptime,
            .getCapabilities, .getRunState,
        ]
        for opcode in needy {
            #expect(throws: WireError.self, "\(opcode)") {
                try ControlReply.decode(
                    from: ReplyControl(status: 0), to: opcode, layout: little64)
            }
        }
    }

    // FACTS 6.1, 15.
    @Test func aPathMayLackItsNUL() throws {
        for text in ["/path", "/path\0", "/path\0rest"] {
            let body = ReplyControl(status: 0, data: slice(text))
            #expect(
                try ControlReply.decode(from: body, to: .getDatabasePath, layout: little64)
                    == .databasePath("/path"))
        }
    }

    @Test func whatWouldMeanSomethingElseIsNotWritten() {
        let wrong: [ControlReply] = [
            .failed(status: 0, reason: "success"), .pnn(.unknown), .clientCount(0x8000_0000),
            .databasePath("a\0b"),
        ]
        for reply in wrong {
            #expect(throws: WireError.self, "\(reply)") { try reply.encode(layout: little64) }
        }
    }
}
