// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct MessagePayloadTests {
    @Test(arguments: LegacyLayout.all)
    func whatIsWrittenIsRead(layout: LegacyLayout) throws {
        let seed: UInt64 = 0x7AB1_EC20
        var generator = SeededGenerator(seed: seed)
        for round in 0..<200 {
            for message in generator.messages() {
                let body = try message.encode(layout: layout)
                #expect(body.srvid == message.srvid)
                let decoded = try MessagePayload.decode(
                    srvid: body.srvid, data: body.data, layout: layout)
                #expect(decoded == message, "seed \(seed), round \(round)")
            }
        }
    }

    @Test(arguments: LegacyLayout.all)
    func messagesThatLieAreValuesOrErrors(layout: LegacyLayout) throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC21)
        var decoded = 0
        for message in generator.messages() {
            let body = try message.encode(layout: layout)
            for mutation in MutationTests.mutations(
                of: Array(body.data), order: layout.byteOrder, keepingLength: false)
            {
                guard
                    let value = try? MessagePayload.decode(
                        srvid: body.srvid, data: mutation[...], layout: layout)
                else { continue }
                decoded += 1
                let again = try value.encode(layout: layout)
                if again.data.count > mutation.count + 1 { Issue.record("grew: \(message)") }
                let read = try MessagePayload.decode(
                    srvid: again.srvid, data: again.data, layout: layout)
                if read != value { Issue.record("changed: \(message)") }
            }
        }
        #expect(decoded > 500)
    }

    @Test func everyTruncationIsRefusedWhereSomethingIsNeeded() throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC22)
        for message in generator.messages() {
            switch message {
            case .reconfigure, .ipReallocated, .startIPReallocate, .reloadNodes, .releaseIP,
                .takeIP, .other:
                continue
            default: break
            }
            let body = try message.encode(layout: little64)
            for count in 0..<body.data.count {
                #expect(throws: WireError.self, "\(message), \(count) bytes") {
                    try MessagePayload.decode(
                        srvid: body.srvid, data: body.data.prefix(count), layout: little64)
                }
            }
        }
    }

    // FACTS 6.1, 15.
    @Test func anAddressMayLackItsNUL() throws {
        for text in ["192.0.2.7", "192.0.2.7\0", "192.0.2.7\0rest"] {
            #expect(
                try MessagePayload.decode(srvid: .releaseIP, data: slice(text), layout: little64)
                    == .releaseIP("192.0.2.7"))
        }
    }

    @Test func aRecoverysSrvIDHasItsLowerBits() throws {
        let data = bytes(RecordBufferTests.hex)[...]
        let value = RecordBufferTests.value(little64)
        for raw in [0xF001_0000_0000_0000, 0xF001_FFFF_FFFF_FFFF] as [UInt64] {
            let srvid = SrvID(rawValue: raw)
            #expect(
                try MessagePayload.decode(srvid: srvid, data: data, layout: little64)
                    == .recovery(srvid, value))
        }
        let beside = SrvID(rawValue: 0xF002_0000_0000_0001)
        #expect(
            try MessagePayload.decode(srvid: beside, data: data, layout: little64)
                == .other(beside, data: data))
        #expect(throws: WireError.self) {
            try MessagePayload.recovery(beside, value).encode(layout: little64)
        }
    }
}
