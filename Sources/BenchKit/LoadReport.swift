// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The usual places of a set of times.
public struct Percentiles: Equatable, Sendable {
    private let sorted: [UInt64]

    /// Takes the times in any order.
    public init(_ samples: [UInt64]) { sorted = samples.sorted() }

    /// How many times there are.
    public var count: Int { sorted.count }

    /// The time that so many thousandths of all do not exceed; 0 when there are none.
    public func perMille(_ share: Int) -> UInt64 {
        guard !sorted.isEmpty else { return 0 }
        let rank = (sorted.count * share + 999) / 1_000
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}

/// What a load came to.
public struct LoadReport: Equatable, Sendable {
    /// What was asked for.
    public var plan: LoadPlan
    /// The measured round trips.
    public var roundTrips: Int
    /// How long they took altogether.
    public var nanoseconds: UInt64
    /// How long each took.
    public var latencies: Percentiles
    /// Requests that came to nothing.
    public var failures: Int

    /// Round trips in a second.
    public var perSecond: Double {
        nanoseconds == 0 ? 0 : Double(roundTrips) * 1e9 / Double(nanoseconds)
    }

    private static let places = [("p50", 500), ("p90", 900), ("p99", 990), ("max", 1_000)]

    /// One line for people.
    public var text: String {
        let times = Self.places.map { "\($0.0) \(microseconds($0.1))" }.joined(separator: "  ")
        return "\(plan.byteCount) B x \(plan.outstanding)  "
            + "\(decimal(perSecond, digits: 1)) round trips/s  \(times) us  failed \(failures)"
    }

    /// One line for programs.
    public var json: String {
        let times = Self.places.map { "\"\($0.0)_us\": \(microseconds($0.1))" }
        let head = [
            "\"byte_count\": \(plan.byteCount)", "\"outstanding\": \(plan.outstanding)",
            "\"round_trips\": \(roundTrips)",
            "\"seconds\": \(decimal(Double(nanoseconds) / 1e9, digits: 6))",
            "\"per_second\": \(decimal(perSecond, digits: 1))",
        ]
        return "{" + (head + times + ["\"failed\": \(failures)"]).joined(separator: ", ") + "}"
    }

    private func microseconds(_ share: Int) -> String {
        decimal(Double(latencies.perMille(share)) / 1_000, digits: 1)
    }
}

/// A number with a fixed number of digits behind the point.
public func decimal(_ value: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
    let scaled = (value * Double(scale)).rounded()
    guard scaled.magnitude < 1e18 else { return "\(value)" }
    let whole = Int64(scaled.magnitude)
    let sign = scaled < 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let rest = String(whole % Int64(scale))
    let zeros = String(repeating: "0", count: digits - rest.count)
    return "\(sign)\(whole / Int64(scale)).\(zeros)\(rest)"
}
