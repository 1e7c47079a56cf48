// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct TraverseStartExtendedTests {
    static let hex = """
        14131211 24232221 38373635 34333231 01000000 00000000
        """
    static let hex32 = """
        14131211 24232221 38373635 34333231 01000000
        """
    static let hexBig = """
        11121314 21222324 31323334 35363738 01000000 00000000
        """
    static let value = TraverseStartExtended(
        database: Sample.database, reqid: Reqid(rawValue: 0x2122_2324), srvid: Sample.srvid,
        withEmptyRecords: true)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    @Test func aFlagIsZeroOrOne() throws {
        var input = bytes(Self.hex)
        input[16] = 0
        #expect(try TraverseStartExtended.decode(input[...], layout: little64) != Self.value)
        input[16] = 2
        #expect(throws: WireError.self) {
            try TraverseStartExtended.decode(input[...], layout: little64)
        }
    }
}
