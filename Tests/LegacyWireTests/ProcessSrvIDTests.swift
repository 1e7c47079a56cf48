// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct ProcessSrvIDTests {
    static let hex = """
        14131211 28272625 24232221
        """
    static let hexBig = """
        11121314 21222324 25262728
        """
    static let value = ProcessSrvID(pid: 0x1112_1314, srvid: SrvID(rawValue: 0x2122_2324_2526_2728))

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
