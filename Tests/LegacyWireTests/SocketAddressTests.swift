// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing

@Suite struct SocketAddressTests {
    @Test func theFamilyAndTheScopeAreInHostOrderTheRestIsNot() throws {
        let four = SocketAddress.ipv4(address: 0x0A00_0001, port: 4379)
        let zeros = String(repeating: "00", count: 20)
        try expectGolden(four, "0200 111b 0a000001" + zeros)
        try expectGolden(four, "0002 111b 0a000001" + zeros, layout: big64)
        let six = SocketAddress.ipv6(
            high: 0xFE80_0000_0000_0000, low: 1, port: 4379, flow: 2, scope: 3)
        let octets = "fe800000 00000000 00000000 00000001"
        try expectGolden(six, "0a00 111b 00000002" + octets + "03000000")
        try expectGolden(six, "000a 111b 00000002" + octets + "00000003", layout: big64)
    }

    @Test func anotherFamilyKeepsItsBytes() throws {
        let other = SocketAddress.other(.init(family: 1, bytes: [1, 2, 3]))
        try expectGolden(other, "0100 010203" + String(repeating: "00", count: 23))
        let long = SocketAddress.Opaque(family: 1, bytes: [UInt8](repeating: 7, count: 99)[...])
        #expect(long.bytes.count == 26)
    }

    @Test func octetsAreInNetworkOrder() {
        #expect(SocketAddress.ipv4(address: 0x0A00_0001, port: 1).octets == [10, 0, 0, 1])
        #expect(
            SocketAddress.ipv6(high: 1, low: 2, port: 0, flow: 0, scope: 0).octets
                == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2])
    }
}
