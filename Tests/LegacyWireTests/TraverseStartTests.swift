// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct TraverseStartTests {
    static let hex = """
        14131211 24232221 38373635 34333231
        """
    static let hexBig = """
        11121314 21222324 31323334 35363738
        """
    static let value = TraverseStart(
        database: Sample.database, reqid: Reqid(rawValue: 0x2122_2324), srvid: Sample.srvid)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
