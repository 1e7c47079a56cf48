// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing
import Vocabulary

@Suite struct PNNLegacyTests {
    @Test func bytesAndValueAgree() throws {
        let value = PNN(rawValue: 0x1112_1314)
        try expectGolden(value, "14131211")
        try expectGolden(value, "14131211", layout: little32)
        try expectGolden(value, "11121314", layout: big64)
    }
}
