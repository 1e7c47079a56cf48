// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct TunableValuesTests {
    @Test func bytesAndValueAgree() throws {
        let value = TunableValues(values: [0x1112_1314, 0x2122_2324])
        try expectBytes(value, "14131211 24232221")
        try expectBytes(value, "14131211 24232221", layout: little32)
        try expectBytes(value, "11121314 21222324", layout: big64)
    }

    @Test func aPartOfAValueIsRefused() throws {
        let whole = bytes("14131211 24232221")
        for count in [1, 2, 3, 5, 6, 7] {
            #expect(throws: WireError.self, "\(count) bytes") {
                try TunableValues.decode(whole[..<count], layout: little64)
            }
        }
        #expect(try TunableValues.decode([], layout: little64).values.isEmpty)
    }

    @Test func namesFindTheirValues() {
        let values = TunableValues(values: (0..<62).map { $0 })
        #expect(TunableValues.names.count == 62 && Set(TunableValues.names).count == 62)
        #expect(values["MaxRedirectCount"] == 0)
        #expect(values["MonitorInterval"] == 10)
        #expect(values["AllowMixedVersions"] == 61)
        #expect(values["NoSuchTunable"] == nil)
        #expect(TunableValues(values: [1])["SeqnumInterval"] == nil)
    }
}
