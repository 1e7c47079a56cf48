// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing

/// The bytes are those behind the address of a tickle list.
@Suite struct ConnectionListTests {
    static let value = ConnectionList(connections: TickleListTests.value.connections)

    @Test func bytesAndValueAgree() throws {
        for (hex, layout) in [(TickleListTests.hex, little64), (TickleListTests.hexBig, big64)] {
            let expected = Array(bytes(hex).dropFirst(28))
            #expect(try Self.value.encoded(layout: layout) == expected)
            #expect(Self.value.byteCount(layout: layout) == expected.count)
            #expect(try ConnectionList.decode(expected[...], layout: layout) == Self.value)
            for count in 0..<expected.count {
                #expect(throws: WireError.self, "\(count) bytes") {
                    try ConnectionList.decode(expected[..<count], layout: layout)
                }
            }
        }
    }
}
