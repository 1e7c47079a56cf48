// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct PublicIPTests {
    static let hex = """
        14131211 0200111b c0000207 00000000 00000000 00000000 00000000 00000000
        """
    static let hexBig = """
        11121314 0002111b c0000207 00000000 00000000 00000000 00000000 00000000
        """
    static let value = PublicIP(pnn: PNN(rawValue: 0x1112_1314), address: Sample.four)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
