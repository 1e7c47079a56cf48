// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct TraverseAllTests {
    static let hex = """
        14131211 24232221 34333231 44434241 58575655 54535251
        """
    static let hexBig = """
        11121314 21222324 31323334 41424344 51525354 55565758
        """
    static let value = TraverseAll(
        database: Sample.database, reqid: Reqid(rawValue: 0x2122_2324),
        pnn: PNN(rawValue: 0x3132_3334), clientReqid: Reqid(rawValue: 0x4142_4344),
        srvid: SrvID(rawValue: 0x5152_5354_5556_5758))

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
