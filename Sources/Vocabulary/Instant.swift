// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A reading of a monotonic clock.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since an arbitrary moment.
    public var nanoseconds: UInt64

    /// Makes a reading.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Orders by time.
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    /// The instant so long after this one; never before this one, and never beyond the last.
    public func advanced(by duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return self }
        let (whole, isOver) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !isOver else { return Instant(nanoseconds: .max) }
        let (sum, isLater) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        let (end, isLast) = nanoseconds.addingReportingOverflow(sum)
        return Instant(nanoseconds: isLater || isLast ? .max : end)
    }

    /// The instant a number of milliseconds later; it stays at the last instant there is.
    public func advanced(byMilliseconds milliseconds: UInt64) -> Instant {
        let (length, tooLong) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, tooLate) = nanoseconds.addingReportingOverflow(length)
        return Instant(nanoseconds: tooLong || tooLate ? .max : sum)
    }

    /// The whole milliseconds until `later`, rounded up; 0 when it has passed.
    public func milliseconds(until later: Instant) -> UInt64 {
        guard later > self else { return 0 }
        let distance = later.nanoseconds - nanoseconds
        return distance / 1_000_000 + (distance % 1_000_000 == 0 ? 0 : 1)
    }
}
