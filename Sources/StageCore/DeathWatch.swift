// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// Watches over the daemons of a node from outside: reverses the function of one that has died or
/// hangs.
///
/// A daemon that was ended may come back, as when it is updated: so long as the grace lasts, and
/// not too often. One that runs and does not answer may still hold ctdbd off, whatever is recorded
/// meanwhile; it is killed, so that ctdbd resumes by itself. One that says of itself that it is
/// unfit reverses itself; when it has not done so within the grace, it is done here. Only a
/// function that is native is reversed.
public struct DeathWatch: Equatable, Sendable {
    /// How patient it is.
    public struct Settings: Hashable, Sendable {
        /// A dead daemon may take so long to come back.
        public var deathGrace: Duration
        /// A silent one may take so long to answer.
        public var hangGrace: Duration
        /// So many deaths within the window are too many.
        public var limit: Int
        /// The window.
        public var window: Duration

        /// Makes settings.
        public init(
            deathGrace: Duration = .seconds(10), hangGrace: Duration = .seconds(30),
            limit: Int = 3, window: Duration = .seconds(600)
        ) {
            self.deathGrace = deathGrace
            self.hangGrace = hangGrace
            self.limit = limit
            self.window = window
        }
    }

    /// What happens.
    public enum Event: Hashable, Sendable {
        /// What is recorded for a function on this node, and the epoch of the entry.
        case recorded(ClusterFunction, Stage, epoch: UInt64)
        /// Its daemon has answered, as this process.
        case answered(ClusterFunction, pid: UInt32)
        /// Its daemon has not answered, and is this process.
        case seen(ClusterFunction, pid: UInt32)
        /// Its daemon's process has ended.
        case ended(ClusterFunction, pid: UInt32)
        /// Nobody is there.
        case absent(ClusterFunction)
        /// Somebody is there and does not answer.
        case silent(ClusterFunction)
        /// Its daemon says that it is not to be relied on.
        case unfit(ClusterFunction, String)
        /// Its daemon says that all is well.
        case fit(ClusterFunction)
        /// The reversal could not be recorded.
        case notReversed(ClusterFunction)
        /// Time has passed.
        case wake
    }

    /// What to do.
    public enum Effect: Hashable, Sendable {
        /// Record that the function is reversed, if the entry is still of this epoch.
        case reverse(ClusterFunction, epoch: UInt64, reason: String)
        /// Kill the daemon, if it is still this process.
        case kill(ClusterFunction, pid: UInt32)
    }

    private struct Subject: Equatable, Sendable {
        var stage = Stage.legacy
        var epoch: UInt64 = 0
        var pid: UInt32?
        var deadSince: Instant?
        var absentAt: Instant?
        var silentSince: Instant?
        var unfitSince: Instant?
        var unfitReason = ""
        var deaths: [Instant] = []
        var isReversing = false
        var retryAt: Instant?
        /// The process that was killed; it is not killed twice.
        var killed: UInt32?
        /// Why it has to be reversed, whatever becomes of the process.
        var verdict: String?
    }

    /// What could not be recorded is tried again after so long.
    private static let retryDelay = Duration.seconds(1)

    /// How patient it is.
    public var settings: Settings
    private var subjects: [ClusterFunction: Subject] = [:]

    /// Makes a watch that knows nothing.
    public init(settings: Settings = Settings()) { self.settings = settings }

    /// Takes an event.
    ///
    /// - Parameters:
    ///   - event: what has happened.
    ///   - now: when.
    /// - Returns: what to do about it, in this order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        switch event {
        case .recorded(let function, let stage, let epoch):
            change(function) { subject in
                guard subject.epoch != epoch || subject.stage != stage else { return }
                subject.stage = stage
                subject.epoch = epoch
                subject.isReversing = false
                subject.retryAt = nil
                subject.verdict = nil
                subject.deaths = []
                // The grace counts from when the daemon began to matter.
                if subject.deadSince != nil { subject.deadSince = now }
            }
        case .answered(let function, let pid):
            change(function) { subject in
                subject.pid = pid
                subject.deadSince = nil
                subject.silentSince = nil
            }
        case .seen(let function, let pid):
            change(function) { subject in
                subject.pid = pid
                subject.deadSince = nil
                if subject.silentSince == nil { subject.silentSince = now }
            }
        case .ended(let function, let pid):
            change(function) { subject in
                guard subject.pid == pid else { return }
                Self.died(&subject, now)
            }
        case .absent(let function):
            change(function) { subject in
                if subject.deadSince == nil { Self.died(&subject, now) }
                subject.absentAt = now
            }
        case .silent(let function):
            change(function) { subject in
                if subject.deadSince == nil, subject.silentSince == nil {
                    subject.silentSince = now
                }
            }
        case .unfit(let function, let reason):
            change(function) { subject in
                if subject.unfitSince == nil { subject.unfitSince = now }
                subject.unfitReason = reason
            }
        case .fit(let function): change(function) { $0.unfitSince = nil }
        case .notReversed(let function):
            change(function) { subject in
                subject.isReversing = false
                subject.retryAt = now.advanced(by: Self.retryDelay)
            }
        case .wake: break
        }
        return judge(now)
    }

    private mutating func change(_ function: ClusterFunction, _ body: (inout Subject) -> Void) {
        var subject = subjects[function] ?? Subject()
        body(&subject)
        subjects[function] = subject
    }

    private static func died(_ subject: inout Subject, _ now: Instant) {
        // The daemon that was never there has not died.
        if subject.pid != nil { subject.deaths.append(now) }
        subject.pid = nil
        subject.deadSince = now
        subject.silentSince = nil
        subject.unfitSince = nil
    }

    private mutating func judge(_ now: Instant) -> [Effect] {
        var effects: [Effect] = []
        for function in ClusterFunction.all {
            guard var subject = subjects[function] else { continue }
            subject.deaths.removeAll { $0.advanced(by: settings.window) <= now }
            if let since = subject.silentSince, let pid = subject.pid, subject.killed != pid,
                since.advanced(by: settings.hangGrace) <= now
            {
                subject.killed = pid
                subject.verdict = "\(function.program) did not answer, and was killed"
                effects.append(.kill(function, pid: pid))
            }
            let isEarly = subject.retryAt.map { now < $0 } ?? false
            if subject.stage == .native, !subject.isReversing, !isEarly,
                let reason = reason(function, subject, now)
            {
                subject.isReversing = true
                effects.append(.reverse(function, epoch: subject.epoch, reason: reason))
            }
            subjects[function] = subject
        }
        return effects
    }

    /// Why a function is to be reversed; nil when it is not.
    private func reason(
        _ function: ClusterFunction, _ subject: Subject, _ now: Instant
    ) -> String? {
        if let verdict = subject.verdict { return verdict }
        if settings.limit > 0, subject.deaths.count >= settings.limit {
            return "\(function.program) has died \(subject.deaths.count) times"
        }
        // It may have come back since it was looked for last.
        if let since = subject.deadSince, let seen = subject.absentAt,
            since.advanced(by: settings.deathGrace) <= seen
        {
            return "\(function.program) is not running"
        }
        // It reverses itself, unless it cannot.
        if let since = subject.unfitSince, since.advanced(by: settings.deathGrace) <= now {
            return subject.unfitReason
        }
        return nil
    }
}
