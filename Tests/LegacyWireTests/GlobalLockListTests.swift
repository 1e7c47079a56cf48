// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct GlobalLockListTests {
    static let hex = """
        00000000 00000000 18171615 14131211 24232221 34333231 48474645 44434241
        01000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        """
    static let hex32 = """
        00000000 18171615 14131211 24232221 34333231 48474645 44434241 01000000
        00000000 00000000 00000000 00000000 00000000 00000000
        """
    static let hexBig = """
        00000000 00000000 11121314 15161718 21222324 31323334 41424344 45464748
        00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        """
    static let value = GlobalLockList(holders: [
        .init(kind: .read, server: Sample.server),
        .init(kind: .write, server: ServerID(pid: 0, task: 0, node: PNN(rawValue: 0), uniqueID: 0)),
    ])

    @Test func bytesAndValueAgree() throws {
        try expectBytes(Self.value, Self.hex)
        try expectBytes(Self.value, Self.hex32, layout: little32)
        try expectBytes(Self.value, Self.hexBig, layout: big64)
    }

    // FACTS 6.1, 18: the count comes from the bytes, and the last holder may be cut.
    @Test func aPartOfAHolderIsRefused() throws {
        let whole = bytes(Self.hex)
        for count in 0..<whole.count where count % 32 != 0 {
            #expect(throws: WireError.self, "\(count) bytes") {
                try GlobalLockList.decode(whole[..<count], layout: little64)
            }
        }
        #expect(try GlobalLockList.decode(whole[..<32], layout: little64).holders.count == 1)
        #expect(try GlobalLockList.decode([], layout: little64).holders.isEmpty)
    }

    @Test func aKindThatThereIsNotIsRefused() {
        let lying = patched(bytes(Self.hex), at: 0, to: 2)
        #expect(throws: WireError.self) { try GlobalLockList.decode(lying[...], layout: little64) }
    }
}
