// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Testing
import Vocabulary

@Suite struct CalendarDayTests {
    @Test(arguments: [
        (0, "1970-01-01"), (-1, "1969-12-31"), (59, "1970-03-01"), (11_016, "2000-02-29"),
        (11_017, "2000-03-01"), (20_484, "2026-01-31"), (47_540, "2100-02-28"),
        (47_541, "2100-03-01"), (-719_528, "0000-01-01"),
    ])
    func daysAreDates(days: Int64, text: String) {
        let day = CalendarDay(daysAfter1970: days)
        #expect(day.text == text)
        #expect(day.daysAfter1970 == days)
    }

    @Test func everyDayComesBack() {
        for days in stride(from: Int64(-800_000), to: 800_000, by: 37) {
            #expect(CalendarDay(daysAfter1970: days).daysAfter1970 == days)
        }
    }

    @Test func aTimeOfTheDayHasTwoDigitsEach() {
        #expect(CalendarDay.clock(secondOfDay: 86_399) == "23:59:59")
        #expect(CalendarDay.clock(secondOfDay: 61) == "00:01:01")
    }
}
