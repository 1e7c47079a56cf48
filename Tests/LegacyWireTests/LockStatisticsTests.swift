// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct LockStatisticsTests {
    static let hex = """
        14131211 24232221 34333231 44434241 07000000 00000000 00000000 0000c03f
        00000000 00000440 00000000 00401c40 00100000 01100000 02100000 03100000
        04100000 05100000 06100000 07100000 08100000 09100000 0a100000 0b100000
        0c100000 0d100000 0e100000 0f100000
        """
    static let hex32 = """
        14131211 24232221 34333231 44434241 07000000 00000000 0000c03f 00000000
        00000440 00000000 00401c40 00100000 01100000 02100000 03100000 04100000
        05100000 06100000 07100000 08100000 09100000 0a100000 0b100000 0c100000
        0d100000 0e100000 0f100000
        """
    static let hexBig = """
        11121314 21222324 31323334 41424344 00000007 00000000 3fc00000 00000000
        40040000 00000000 401c4000 00000000 00001000 00001001 00001002 00001003
        00001004 00001005 00001006 00001007 00001008 00001009 0000100a 0000100b
        0000100c 0000100d 0000100e 0000100f
        """
    static let value = Sample.locks

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
