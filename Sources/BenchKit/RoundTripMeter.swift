// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// Counts round trips and says when there are enough of them.
///
/// A load begins with one request, to see that somebody answers. Then come the warm-up and the
/// measured part without a pause between them: a request that begins in the warm-up and ends
/// behind it is not measured.
struct RoundTripMeter: Sendable {
    let plan: LoadPlan
    private var begun = 0
    private var settled = 0
    private var firstMeasured: Instant?
    private var end: Instant?
    private var samples: [UInt64] = []
    private(set) var failures = 0

    init(_ plan: LoadPlan) {
        self.plan = plan
        if case .count(let count) = plan.limit { samples.reserveCapacity(count) }
    }

    /// Whether the measured part is over.
    var isDone: Bool { end != nil }
    /// How many round trips have ended, in whatever way.
    var settledCount: Int { settled }
    /// Whether another request is to be sent.
    var wantsMore: Bool { !isDone && begun - settled < plan.outstanding }

    /// A request is sent.
    mutating func begin() { begun += 1 }

    /// A request was answered.
    mutating func finish(begunAt: Instant, at now: Instant) {
        guard !isDone else { return }
        settled += 1
        guard settled > plan.warmup else { return }
        if let firstMeasured {
            if begunAt >= firstMeasured {
                samples.append(now.nanoseconds - begunAt.nanoseconds)
            }
            endIfDue(firstMeasured, now)
        } else {
            firstMeasured = now
        }
    }

    /// A request came to nothing.
    mutating func fail(at now: Instant) {
        guard !isDone else { return }
        settled += 1
        failures += 1
        if failures > 1_000 { end = now }
    }

    private mutating func endIfDue(_ first: Instant, _ now: Instant) {
        switch plan.limit {
        case .count(let count): if settled - plan.warmup > count { end = now }
        case .nanoseconds(let limit):
            if now.nanoseconds - first.nanoseconds >= limit { end = now }
        }
    }

    /// What was measured.
    func report() -> LoadReport {
        let nanoseconds = (end ?? Instant(nanoseconds: 0)).nanoseconds
        let start = (firstMeasured ?? Instant(nanoseconds: nanoseconds)).nanoseconds
        let count = max(0, settled - failures - plan.warmup - 1)
        return LoadReport(
            plan: plan, roundTrips: count,
            nanoseconds: nanoseconds > start ? nanoseconds - start : 0,
            latencies: Percentiles(samples), failures: failures)
    }
}
