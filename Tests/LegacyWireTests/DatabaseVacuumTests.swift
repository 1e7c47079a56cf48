// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct DatabaseVacuumTests {
    static let hex = """
        14131211 01
        """
    static let hexBig = """
        11121314 01
        """
    static let value = DatabaseVacuum(database: Sample.database, isFull: true)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }

    @Test func aFlagIsZeroOrOne() throws {
        var input = bytes(Self.hex)
        input[4] = 0
        #expect(try DatabaseVacuum.decode(input[...], layout: little64) != Self.value)
        input[4] = 2
        #expect(throws: WireError.self) { try DatabaseVacuum.decode(input[...], layout: little64) }
    }
}
