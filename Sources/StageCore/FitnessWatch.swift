// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// A daemon's watch over itself: how what it does natively turns out, over a while.
///
/// The daemon tells of each task. When too many fail, or have a result that they should not have,
/// or take too long, or several fail in a row, the watch says why the daemon is unfit.
public struct FitnessWatch: Equatable, Sendable {
    /// How a task turned out.
    public enum Outcome: Hashable, Sendable {
        /// As it should.
        case good
        /// It was done, and the result is not what it should be.
        case mismatch
        /// It could not be done.
        case error
    }

    /// When a daemon is unfit.
    public struct Settings: Hashable, Sendable {
        /// So far it looks back.
        public var window: Duration
        /// Rates and latency count from so many tasks on.
        public var minimumTasks: Int
        /// The mismatches in a thousand tasks that are still fine.
        public var mismatchesPerMille: Int
        /// The errors in a thousand tasks that are still fine.
        public var errorsPerMille: Int
        /// So many errors, one directly after the other, are not fine; 0: never mind.
        public var errorsInARow: Int
        /// Only one in a hundred tasks may take longer; zero: never mind.
        public var latency: Duration

        /// Makes settings.
        public init(
            window: Duration = .seconds(60), minimumTasks: Int = 20, mismatchesPerMille: Int = 10,
            errorsPerMille: Int = 50, errorsInARow: Int = 3, latency: Duration = .zero
        ) {
            self.window = window
            self.minimumTasks = minimumTasks
            self.mismatchesPerMille = mismatchesPerMille
            self.errorsPerMille = errorsPerMille
            self.errorsInARow = errorsInARow
            self.latency = latency
        }
    }

    /// The tasks of a part of the window.
    private struct Part: Equatable, Sendable {
        var number: UInt64
        var tasks: UInt64 = 0
        var mismatches: UInt64 = 0
        var errors: UInt64 = 0
        /// Tasks by the number of bits of their microseconds.
        var latencies = [UInt64](repeating: 0, count: 65)
    }

    private static let partCount: UInt64 = 6

    /// When the daemon is unfit.
    public var settings: Settings
    private var parts: [Part] = []
    private var errorRow = 0

    /// Makes a watch that has seen nothing.
    public init(settings: Settings = Settings()) { self.settings = settings }

    /// Takes a task.
    ///
    /// - Parameters:
    ///   - outcome: how it turned out.
    ///   - latency: how long it took.
    ///   - now: when it ended.
    /// - Returns: why the daemon is unfit; nil while it is fit.
    public mutating func record(
        _ outcome: Outcome, latency: Duration, at now: Instant
    ) -> String? {
        forget(now)
        let number = partNumber(now)
        if parts.last?.number != number { parts.append(Part(number: number)) }
        let microseconds = latency.nanoseconds / 1000
        let bits = UInt64.bitWidth - microseconds.leadingZeroBitCount
        let last = parts.count - 1
        parts[last].tasks += 1
        parts[last].latencies[bits] += 1
        switch outcome {
        case .good: break
        case .mismatch: parts[last].mismatches += 1
        case .error: parts[last].errors += 1
        }
        errorRow = outcome == .error ? errorRow + 1 : 0
        return problem
    }

    /// Forgets what lies further back than the window.
    public mutating func forget(_ now: Instant) {
        let number = partNumber(now)
        parts.removeAll { $0.number + Self.partCount <= number }
    }

    /// Forgets everything, as after a change of the stage.
    public mutating func reset() {
        parts = []
        errorRow = 0
    }

    /// The tasks in the window.
    public var tasks: UInt64 { parts.reduce(0) { $0 + $1.tasks } }
    /// Those with a result that they should not have.
    public var mismatches: UInt64 { parts.reduce(0) { $0 + $1.mismatches } }
    /// Those that failed.
    public var errors: UInt64 { parts.reduce(0) { $0 + $1.errors } }

    /// Of a hundred tasks, 99 took at most so many microseconds, to the next power of two.
    public var latencyMicroseconds: UInt64 {
        let limit = tasks - tasks / 100
        var count: UInt64 = 0
        for bits in 0..<64 {
            count += parts.reduce(0) { $0 + $1.latencies[bits] }
            if count >= limit { return limit == 0 ? 0 : UInt64(1) << UInt64(bits) }
        }
        return .max
    }

    /// Why the daemon is unfit; nil while it is fit.
    public var problem: String? {
        if settings.errorsInARow > 0, errorRow >= settings.errorsInARow {
            return "\(errorRow) errors in a row"
        }
        let tasks = tasks
        guard tasks > 0, tasks >= UInt64(max(settings.minimumTasks, 0)) else { return nil }
        if errors * 1000 > tasks * UInt64(max(settings.errorsPerMille, 0)) {
            return "\(errors) of \(tasks) tasks failed"
        }
        if mismatches * 1000 > tasks * UInt64(max(settings.mismatchesPerMille, 0)) {
            return "\(mismatches) of \(tasks) tasks had a wrong result"
        }
        let allowed = settings.latency.nanoseconds / 1000
        // Half of the power of two is the least that it can be.
        if allowed > 0, latencyMicroseconds / 2 > allowed {
            return "one in a hundred of \(tasks) tasks takes \(latencyMicroseconds / 2000) ms or "
                + "more"
        }
        return nil
    }

    private func partNumber(_ now: Instant) -> UInt64 {
        now.nanoseconds / max(settings.window.nanoseconds / Self.partCount, 1)
    }
}
