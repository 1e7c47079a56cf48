// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

extension CaptureTime {
    /// The moment in UTC, as `2026-01-31T23:59:59.123456789Z`.
    public var text: String {
        let (seconds, fraction) = CalendarDay.divide(nanoseconds, by: 1_000_000_000)
        let (days, second) = CalendarDay.divide(seconds, by: 86_400)
        return "\(CalendarDay(daysAfter1970: days).text)T"
            + "\(CalendarDay.clock(secondOfDay: second)).\(CalendarDay.digits(fraction, 9))Z"
    }

    /// Reads a moment: what `text` gives, with or without a fraction, or seconds since 1970 with or
    /// without one.
    public init?(text: String) {
        guard let dash = text.dropFirst().firstIndex(of: "-") else {
            guard let nanoseconds = Self.seconds(text[...]) else { return nil }
            self.init(nanoseconds: nanoseconds)
            return
        }
        let end = text.hasSuffix("Z") ? text.index(before: text.endIndex) : text.endIndex
        guard let year = Int64(text[..<dash]), (1678...2261).contains(year) else { return nil }
        let parts = text[text.index(after: dash)..<end].split(
            separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard date.count == 2, let month = Int64(date[0]), (1...12).contains(month),
            let day = Int64(date[1]), (1...31).contains(day)
        else { return nil }
        var nanoseconds =
            CalendarDay(year: year, month: month, day: day).daysAfter1970
            &* 86_400 &* 1_000_000_000
        if parts.count == 2 {
            let clock = parts[1].split(separator: ":", omittingEmptySubsequences: false)
            guard clock.count == 3, let hour = Int64(clock[0]), (0...23).contains(hour),
                let minute = Int64(clock[1]), (0...59).contains(minute),
                let second = Self.seconds(clock[2]), (0..<61_000_000_000).contains(second)
            else { return nil }
            nanoseconds &+= (hour &* 60 &+ minute) &* 60_000_000_000 &+ second
        }
        self.init(nanoseconds: nanoseconds)
    }

    /// Seconds with at most nine places behind the point, in nanoseconds.
    private static func seconds(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = UInt32(first) else { return nil }
        var nanoseconds = Int64(whole) &* 1_000_000_000
        if parts.count == 2 {
            guard (1...9).contains(parts[1].count), let number = UInt32(parts[1]) else {
                return nil
            }
            let places = 9 - parts[1].count
            nanoseconds &+= Int64(number) &* (0..<places).reduce(1) { power, _ in power &* 10 }
        }
        return nanoseconds
    }
}
