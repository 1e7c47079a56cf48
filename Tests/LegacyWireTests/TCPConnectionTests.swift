// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct TCPConnectionTests {
    static let hex = """
        0200111b c0000207 00000000 00000000 00000000 00000000 00000000 0a00111b
        51525354 20010db8 01020304 05060708 090a0b0c 64636261
        """
    static let hexBig = """
        0002111b c0000207 00000000 00000000 00000000 00000000 00000000 000a111b
        51525354 20010db8 01020304 05060708 090a0b0c 61626364
        """
    static let value = TCPConnection(source: Sample.four, destination: Sample.six)

    @Test func bytesAndValueAgree() throws {
        try expectGolden(Self.value, Self.hex)
        try expectGolden(Self.value, Self.hex, layout: little32)
        try expectGolden(Self.value, Self.hexBig, layout: big64)
    }
}
