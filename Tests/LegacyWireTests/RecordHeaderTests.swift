// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RecordHeaderTests {
    static let hex = """
        58575655 54535251 64636261 00000000 00000201 00000000
        """
    static let hex32 = """
        58575655 54535251 64636261 00000000 00000201
        """
    static let hexBig = """
        51525354 55565758 61626364 00000000 01020000 00000000
        """
    static let value = Sample.header

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex32, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
