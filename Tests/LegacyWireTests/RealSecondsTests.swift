// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing

@Suite struct RealSecondsTests {
    @Test func bytesAndValueAgree() throws {
        try expectGolden(RealSeconds(2.5), "00000000 00000440")
        try expectGolden(RealSeconds(2.5), "00000000 00000440", layout: little32)
        try expectGolden(RealSeconds(2.5), "40040000 00000000", layout: big64)
        #expect(RealSeconds(2.5).seconds == 2.5)
    }

    @Test func whatIsNoNumberIsEqualToItself() throws {
        let value = RealSeconds(Double.nan)
        let read = try RealSeconds.decode(
            try value.encoded(layout: little64)[...], layout: little64)
        #expect(read == value && read.seconds.isNaN)
        #expect(RealSeconds(0.0) != RealSeconds(-0.0))
    }
}
