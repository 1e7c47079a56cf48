// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct LatencyCounterTests {
    static let hex = """
        07000000 00000000 00000000 0000c03f 00000000 00000440 00000000 00401c40
        """
    static let hex32 = """
        07000000 00000000 0000c03f 00000000 00000440 00000000 00401c40
        """
    static let hexBig = """
        00000007 00000000 3fc00000 00000000 40040000 00000000 401c4000 00000000
        """
    static let value = Sample.latency(7)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
