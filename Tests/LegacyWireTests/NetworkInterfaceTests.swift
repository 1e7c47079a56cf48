// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct NetworkInterfaceTests {
    static let hex = """
        65746830 00000000 00000000 00000000 00001211 24232221
        """
    static let hexBig = """
        65746830 00000000 00000000 00000000 00001112 21222324
        """
    static let value = NetworkInterface(name: "eth0", linkState: 0x1112, references: 0x2122_2324)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    @Test func aNameLeavesRoomForItsNUL() throws {
        var value = Self.value
        value.name = String(repeating: "n", count: 17)
        #expect(try value.encoded(layout: little64).count == 24)
        value.name += "n"
        #expect(throws: WireError.self) { try value.encoded(layout: little64) }
        value.name = "a\0b"
        #expect(throws: WireError.self) { try value.encoded(layout: little64) }
    }

    @Test func aNameWithoutNULEndsWithItsArray() throws {
        let full = [UInt8](repeating: 0x6E, count: 18) + [0, 0, 0, 0, 0, 0]
        let value = try NetworkInterface.decode(full[...], layout: little64)
        #expect(value.name == String(repeating: "n", count: 17))
        let broken = [0xFF] + full.dropFirst()
        #expect(throws: WireError.self) {
            try NetworkInterface.decode(broken[...], layout: little64)
        }
    }
}
