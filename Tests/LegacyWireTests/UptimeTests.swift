// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct UptimeTests {
    static let hex = """
        14131211 00000000 22120200 00000000 34333231 00000000 24140400 00000000
        54535251 00000000 26160600 00000000 74737271 00000000 28180000 00000000
        """
    static let hex32 = """
        14131211 22120200 34333231 24140400 54535251 26160600 74737271 28180000
        """
    static let hexBig = """
        00000000 11121314 00000000 00021222 00000000 31323334 00000000 00041424
        00000000 51525354 00000000 00061626 00000000 71727374 00000000 00001828
        """
    static let value = Uptime(
        now: Timeval(seconds: 0x1112_1314, microseconds: 0x21222),
        daemonStarted: Timeval(seconds: 0x3132_3334, microseconds: 0x41424),
        lastRecoveryStarted: Timeval(seconds: 0x5152_5354, microseconds: 0x61626),
        lastRecoveryFinished: Timeval(seconds: 0x7172_7374, microseconds: 0x01828))

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    @Test func aMomentAfter2038IsTheLastOneOf32Bits() throws {
        let late = Timeval(seconds: 0x1_0000_0000, microseconds: -1)
        try expectGolden(late, "00000000 01000000 ffffffff ffffffff")
        #expect(try late.encoded(layout: little32) == bytes("ffffff7f ffffffff"))
    }
}
