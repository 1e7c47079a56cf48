// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A moment of the calendar in UTC, as RFC 3339 writes it.
package struct Timestamp {
    /// The moment with milliseconds, such as `2026-11-22T19:05:17.237Z`.
    package let text: String

    /// Writes a moment.
    ///
    /// - Parameter milliseconds: since the beginning of 1970.
    package init(milliseconds: UInt64) {
        let inDay = milliseconds % 86_400_000
        let time = [inDay / 3_600_000, inDay / 60_000 % 60, inDay / 1000 % 60]
        text =
            Self.date(daysAfter1970: milliseconds / 86_400_000) + "T"
            + time.map { Self.digits($0, 2) }.joined(separator: ":")
            + "." + Self.digits(inDay % 1000, 3) + "Z"
    }

    /// The calendar day that so many days after the first of 1970 have reached.
    ///
    /// A year is taken to begin in March, so that the leap day is its last: 400 such years have
    /// 146,097 days, and five months from March on have 153.
    private static func date(daysAfter1970 days: UInt64) -> String {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let leapDays = dayOfEra / 1460 + dayOfEra / 146_096 - dayOfEra / 36_524
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
    }

    /// A number in at least so many digits.
    private static func digits(_ number: UInt64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
