// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct NotifyRegistrationTests {
    static let hex = """
        18171615 14131211 05000000 76616c75 65
        """
    static let hexBig = """
        11121314 15161718 00000005 76616c75 65
        """
    static let value = NotifyRegistration(
        srvid: SrvID(rawValue: 0x1112_1314_1516_1718), data: Sample.value)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    @Test(arguments: [6, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 8, to: count)
        #expect(throws: WireError.self) {
            try NotifyRegistration.decode(lying[...], layout: little64)
        }
    }
}
