// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct ElectionMessageTests {
    static let hex = """
        14131211 00000000 24232221 00000000 23130300 00000000 44434241 54535251
        """
    static let hex32 = """
        14131211 24232221 23130300 44434241 54535251
        """
    static let hexBig = """
        11121314 00000000 00000000 21222324 00000000 00031323 41424344 51525354
        """
    static let value = ElectionMessage(
        connectedCount: 0x1112_1314,
        priorityTime: Timeval(seconds: 0x2122_2324, microseconds: 0x31323),
        pnn: PNN(rawValue: 0x4142_4344), nodeFlags: NodeFlags(rawValue: 0x5152_5354))

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
