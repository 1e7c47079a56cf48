// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DaemonKit
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (UInt64(0), "1970-01-01T00:00:00.000Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_001, "2000-03-01T00:00:00.001Z"),
        (1_000_000_000_000, "2001-09-09T01:46:40.000Z"),
        (1_709_251_199_050, "2024-02-29T23:59:59.050Z"),
        (1_735_689_599_000, "2024-12-31T23:59:59.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ])
    func aMomentIsWrittenInUTC(milliseconds: UInt64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
    }

    @Test func theLastMomentThereIsDoesNotTrap() {
        #expect(Timestamp(milliseconds: .max).text.hasSuffix("Z"))
    }
}
