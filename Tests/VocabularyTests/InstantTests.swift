// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Testing
import Vocabulary

@Suite struct InstantTests {
    @Test func advancesByDurations() {
        let start = Instant(nanoseconds: 5)
        #expect(start.advanced(by: .milliseconds(1_500)).nanoseconds == 1_500_000_005)
        #expect(start.advanced(by: .nanoseconds(7)).nanoseconds == 12)
    }

    @Test func neverGoesBackOrAround() {
        let start = Instant(nanoseconds: 5)
        #expect(start.advanced(by: .seconds(-1)) == start)
        #expect(start.advanced(by: .seconds(Int64.max)).nanoseconds == .max)
        #expect(
            Instant(nanoseconds: .max).advanced(by: .nanoseconds(1)).nanoseconds == .max)
    }
}
