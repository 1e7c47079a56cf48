// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct PacketHeaderTests {
    static let hex = "20000000 42445443 01000000 14131211 07000000 24232221 34333231 44434241"
    static let value = PacketHeader(
        length: 32, generation: Generation(rawValue: 0x1112_1314), operation: .requestControl,
        destination: PNN(rawValue: 0x2122_2324), source: PNN(rawValue: 0x3132_3334),
        reqid: Reqid(rawValue: 0x4142_4344))

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(
            Self.value,
            "00000020 43544442 00000001 11121314 00000007 21222324 31323334 41424344",
            layout: big64)
    }

    @Test func anotherMagicOrVersionIsRefused() {
        let good = bytes(Self.hex)
        #expect(
            throws: WireError(
                code: .badMagic(7), type: "PacketHeader", field: "magic", offset: 4)
        ) { try PacketHeader.decode(patched(good, at: 4, to: 7)[...], layout: little64) }
        #expect(
            throws: WireError(
                code: .unsupportedVersion(2), type: "PacketHeader", field: "version", offset: 8)
        ) { try PacketHeader.decode(patched(good, at: 8, to: 2)[...], layout: little64) }
    }

    @Test(arguments: [0, 1, 31] as [UInt32]) func aLengthBelowTheHeaderIsRefused(length: UInt32) {
        let short = patched(bytes(Self.hex), at: 0, to: length)
        #expect(throws: WireError.self) {
            try PacketHeader.decode(short[...], layout: little64)
        }
    }
}
