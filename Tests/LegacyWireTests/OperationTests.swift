// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing

@Suite struct OperationTests {
    @Test(arguments: 0...12 as ClosedRange<UInt32>) func numbersSurvive(number: UInt32) {
        #expect(Operation(rawValue: number).rawValue == number)
    }

    @Test func theGapAndTheFutureAreUnknown() {
        #expect(Operation(rawValue: 6) == .unknown(6))
        #expect(Operation(rawValue: 11) == .unknown(11))
        #expect(Operation(rawValue: .max) == .unknown(.max))
        #expect(Operation(rawValue: 10) == .requestTunnel)
    }
}
