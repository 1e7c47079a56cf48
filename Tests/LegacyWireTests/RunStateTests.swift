// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing

@Suite struct RunStateTests {
    @Test func numbersSurvive() {
        for number in 0...8 as ClosedRange<UInt32> {
            #expect(RunState(rawValue: number).rawValue == number)
        }
        #expect(RunState(rawValue: 5) == .running)
        #expect(RunState(rawValue: 0) == .unknown(0))
    }
}
