// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A day of the Gregorian calendar.
///
/// A year is taken to begin in March, so that the leap day is its last: 400 such years have
/// 146,097 days, and five months from March on have 153.
public struct CalendarDay: Hashable, Sendable {
    /// The year.
    public var year: Int64
    /// The month, from 1 to 12.
    public var month: Int64
    /// The day of the month, from 1 on.
    public var day: Int64

    /// The day of a date; what is outside of a calendar gives the day that it would be.
    public init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that so many days after the first of 1970 have reached.
    public init(daysAfter1970 days: Int64) {
        let (era, dayOfEra) = Self.divide(days &+ 719_468, by: 146_097)
        let leapDays = dayOfEra / 1460 &+ dayOfEra / 146_096 &- dayOfEra / 36_524
        let yearOfEra = (dayOfEra &- leapDays) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let march = (5 &* dayOfYear &+ 2) / 153
        day = dayOfYear &- (153 &* march &+ 2) / 5 &+ 1
        month = march < 10 ? march &+ 3 : march &- 9
        year = era &* 400 &+ yearOfEra &+ (month <= 2 ? 1 : 0)
    }

    /// The days from the first of 1970 to this one.
    public var daysAfter1970: Int64 {
        let (era, yearOfEra) = Self.divide(month <= 2 ? year &- 1 : year, by: 400)
        let march = month > 2 ? month &- 3 : month &+ 9
        let dayOfYear = (153 &* march &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468
    }

    /// The day as ISO 8601 writes it, such as `2026-01-31`.
    public var text: String {
        "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))"
    }

    /// A time of the day, such as `23:59:59`.
    public static func clock(secondOfDay second: Int64) -> String {
        [second / 3600, second / 60 % 60, second % 60].map { digits($0, 2) }
            .joined(separator: ":")
    }

    /// A number in at least so many digits.
    public static func digits(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// Division that rounds down, whatever the sign.
    public static func divide(_ number: Int64, by divisor: Int64) -> (Int64, rest: Int64) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient &- 1, rest &+ divisor) : (quotient, rest)
    }
}
