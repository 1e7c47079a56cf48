// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct ControlRequestTests {
    @Test(arguments: LegacyLayout.all)
    func whatIsWrittenIsRead(layout: LegacyLayout) throws {
        let seed: UInt64 = 0x7AB1_EC11
        var generator = SeededGenerator(seed: seed)
        for round in 0..<200 {
            for request in generator.requests() {
                let body = try request.encode(layout: layout, flags: .noReply, clientID: 7)
                #expect(body.flags == .noReply && body.clientID == 7)
                #expect(body.opcode == request.opcode && body.srvid == request.srvid)
                let decoded = try ControlRequest.decode(from: body, layout: layout)
                #expect(decoded == request, "seed \(seed), round \(round)")
            }
        }
    }

    // FACTS 6.1, 10: for each of the three opcodes.
    @Test(arguments: [18, 61, 150] as [UInt32])
    func aDatabaseNameNeedsItsNUL(number: UInt32) throws {
        let opcode = ControlOpcode(rawValue: number)
        for text in ["", "name", "\u{FF}"] {
            let request = RequestControl(opcode: opcode, data: slice(text))
            #expect(throws: WireError.self, "\(text)") {
                try ControlRequest.decode(from: request, layout: little64)
            }
        }
        let request = RequestControl(opcode: opcode, data: slice("name\0rest"))
        let decoded = try ControlRequest.decode(from: request, layout: little64)
        guard case .attachDatabase(let name, _) = decoded else {
            Issue.record("not an attach: \(decoded)")
            return
        }
        #expect(name == "name")
    }

    @Test func anEmptyDataIsRefusedWhereSomethingIsNeeded() {
        let needy: [ControlOpcode] = [
            .getDatabasePath, .getTunable, .setTunable, .modifyFlags, .setRecoveryMode, .setVNNMap,
        ]
        for opcode in needy {
            #expect(throws: WireError.self, "\(opcode)") {
                try ControlRequest.decode(from: RequestControl(opcode: opcode), layout: little64)
            }
        }
    }

    // FACTS 6.1, 8.
    @Test(arguments: ["", "0000000001000000", "00000000ffffffff00000000", "00000000"])
    func aVNNMapThatLiesIsRefused(hex: String) {
        let request = RequestControl(opcode: .setVNNMap, data: bytes(hex)[...])
        #expect(throws: WireError.self) {
            try ControlRequest.decode(from: request, layout: little64)
        }
    }

    @Test func halfASrvIDIsRefused() {
        let request = RequestControl(opcode: .checkSrvIDs, data: slice("123456789"))
        #expect(throws: WireError.self) {
            try ControlRequest.decode(from: request, layout: little64)
        }
    }
}
