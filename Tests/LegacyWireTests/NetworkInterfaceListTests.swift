// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct NetworkInterfaceListTests {
    static let hex = """
        02000000 65746830 00000000 00000000 00000000 00000100 02000000 612d6e61
        6d652d6f 662d3137 2d627974 65000000 00000000
        """
    static let hexBig = """
        00000002 65746830 00000000 00000000 00000000 00000001 00000002 612d6e61
        6d652d6f 662d3137 2d627974 65000000 00000000
        """
    static let value = NetworkInterfaceList(interfaces: [
        NetworkInterface(name: "eth0", linkState: 1, references: 2),
        NetworkInterface(name: "a-name-of-17-byte", linkState: 0, references: 0),
    ])

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 18.
    @Test(arguments: [3, 0x0AAA_AAAB, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) {
        let lying = patched(bytes(Self.hex), at: 0, to: count)
        #expect(throws: WireError.self) {
            try NetworkInterfaceList.decode(lying[...], layout: little64)
        }
    }

    @Test func aSmallerCountLeavesTheRest() throws {
        let fewer = patched(bytes(Self.hex), at: 0, to: 0)
        let value = try NetworkInterfaceList.decode(fewer[...], layout: little64)
        #expect(value.byteCount(layout: little64) < bytes(Self.hex).count)
    }
}
