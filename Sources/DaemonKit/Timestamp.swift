// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// A moment of the calendar in UTC, as RFC 3339 writes it.
package struct Timestamp {
    /// The moment with milliseconds, such as `2026-11-22T19:05:17.237Z`.
    package let text: String

    /// Writes a moment.
    ///
    /// - Parameter milliseconds: since the beginning of 1970.
    package init(milliseconds: UInt64) {
        let (days, inDay) = Int64(clamping: milliseconds).quotientAndRemainder(
            dividingBy: 86_400_000)
        text =
            CalendarDay(daysAfter1970: days).text + "T"
            + CalendarDay.clock(secondOfDay: inDay / 1000) + "."
            + CalendarDay.digits(inDay % 1000, 3) + "Z"
    }
}
