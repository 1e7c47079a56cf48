// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing

@Suite struct EventRequestTests {
    @Test func bytesAndValueAgree() throws {
        try expectGolden(
            EventRequest.run(
                EventRunRequest(
                    component: "c", event: "ev", arguments: nil, timeoutSeconds: 0x1112_1314,
                    flags: EventRunRequest.runAll)),
            "01000000 02000000 6300 03000000 657600 00000000 14131211 01000000")
        try expectGolden(
            EventRequest.status(EventStatusRequest(component: "c", event: "ev")),
            "02000000 02000000 6300 03000000 657600")
        try expectGolden(
            EventRequest.script(
                EventScriptRequest(component: "c", script: "s", action: .enable)),
            "03000000 02000000 6300 02000000 7300 01000000")
        try expectGolden(
            EventRequest.script(
                EventScriptRequest(component: "c", script: nil, action: .disable)),
            "00000003 00000002 6300 00000000 00000000", layout: big64)
    }

    @Test(arguments: ["00000000", "04000000", "ffffffff"])
    func aCommandThatThereIsNotIsRefused(hex: String) {
        let input = bytes(hex + "02000000 6300 03000000 657600")
        #expect(throws: WireError.self) { try EventRequest.decode(input[...], layout: little64) }
    }

    @Test func anActionThatThereIsNotIsRefused() {
        let input = bytes("03000000 02000000 6300 02000000 7300 02000000")
        #expect(throws: WireError.self) { try EventRequest.decode(input[...], layout: little64) }
    }

    @Test func aCountOverTheBytesIsRefused() {
        for count in ["08000000", "ffffff7f", "00000080", "ffffffff"] {
            let input = bytes("02000000 02000000 6300 \(count) 657600")
            #expect(throws: WireError.self, "\(count)") {
                try EventRequest.decode(input[...], layout: little64)
            }
        }
    }

    @Test func whatToolsSend() throws {
        #expect(
            try EventFixtures.request("status")
                == .status(EventStatusRequest(component: "legacy", event: "monitor")))
        #expect(
            try EventFixtures.request("run")
                == .run(
                    EventRunRequest(
                        component: "legacy", event: "monitor", arguments: nil,
                        timeoutSeconds: 30, flags: 0)))
    }
}
