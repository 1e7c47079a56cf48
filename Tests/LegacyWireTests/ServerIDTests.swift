// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct ServerIDTests {
    static let hex = """
        18171615 14131211 24232221 34333231 48474645 44434241
        """
    static let hexBig = """
        11121314 15161718 21222324 31323334 41424344 45464748
        """
    static let value = Sample.server

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
