// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// One daemon's part in its function on its node: from what is recorded to what it really does.
///
/// | recorded | and | then |
/// |---|---|---|
/// | further than in effect | fit | one step up: `.enter`, and on with `.entered` |
/// | less far | | one step down, finished with `.entered` |
/// | nothing read yet | | it stays legacy |
/// | unreadable | | it stays where it is |
/// | native | unfit | one step down to shadow, and `.reverse` until it is recorded |
/// | finalised | unfit | it stays: there is nothing to go back to |
/// | native or more | no hold-off, or one running out | down to shadow, and up again when it can |
/// | any | what it had taken over is gone, as with ctdbd | shadow, and up again when it can |
///
/// A step up that fails for the moment is tried again; one that fails for good is like being unfit.
/// After being unfit it does not go beyond shadow until the record has been changed: a function
/// that was reversed stays so until an administrator acts.
///
/// Invariants: one step is under way at a time, to a neighbouring stage. It acts natively only
/// between `.entered(.native)` and the next `.enter` of a lower stage, and never after its
/// hold-off's end less the margin. Where hold-offs expire it acts only while ctdbd has answered its
/// own request: what an earlier life has left in ctdbd is none.
public struct Participation: Equatable, Sendable {
    /// What could be read of the record.
    public enum Reading: Hashable, Sendable {
        /// The stage, and the epoch that the entry was made by.
        case stage(Stage, epoch: UInt64)
        /// There is a record, and it cannot be used.
        case unreadable(String)
    }

    /// What happens.
    public enum Event: Hashable, Sendable {
        /// The record was read.
        case read(Reading)
        /// The daemon has done what `.enter` asked.
        case entered(Stage)
        /// It could not, and has given back what it had taken on the way. What fails for the
        /// moment is tried again.
        case failed(Stage, reason: String, isForNow: Bool)
        /// ctdbd is held off until then; for functions whose hold-off expires.
        case heldOff(until: Instant)
        /// What it had taken over is gone, as when ctdbd has ended: it is in shadow by itself.
        case dropped(reason: String)
        /// The daemon's own watch says that it is not to be relied on.
        case unfit(reason: String)
        /// The reversal could not be recorded.
        case notReversed(reason: String)
        /// The daemon is to end.
        case stopping
        /// The moment has come that `.wake` asked for.
        case wake
    }

    /// What to do.
    public enum Effect: Hashable, Sendable {
        /// Go one step to a neighbouring stage; answered with `.entered` or `.failed`.
        ///
        /// Upwards to native: hold ctdbd off, then act. Downwards from native: finish what runs,
        /// act no more, then let ctdbd go on.
        case enter(Stage)
        /// Record that the function is reversed, if the entry is still of this epoch.
        case reverse(epoch: UInt64, reason: String)
        /// Everything is given back: the daemon may end.
        case finished
        /// Comes back with `.wake` at this time; an earlier wish is forgotten.
        case wake(at: Instant)
        /// Something to log.
        case note(Note)
    }

    /// What is worth a line in the log.
    public enum Note: Hashable, Sendable {
        /// Another stage is in effect now.
        case inEffect(Stage)
        /// Another stage is recorded.
        case recorded(Stage, epoch: UInt64)
        /// The record cannot be used.
        case unreadable(String)
        /// A step failed.
        case notEntered(Stage, reason: String)
        /// It is not to be relied on.
        case unfit(String)
        /// The reversal could not be recorded, and is tried again.
        case notReversed(String)
        /// The hold-off was not renewed in time.
        case holdOffEnding
        /// An event that does not belong here.
        case unexpected(Event)
    }

    /// How long things take.
    public struct Settings: Hashable, Sendable {
        /// A hold-off is no longer relied on so long before its end.
        public var holdOffMargin: Duration
        /// What failed for the moment is tried again after so long.
        public var retryDelay: Duration
        /// Whether ctdbd resumes at a time of its own, so that it has to be known.
        public var holdOffExpires: Bool

        /// Makes settings.
        public init(
            holdOffMargin: Duration = .seconds(2), retryDelay: Duration = .seconds(1),
            holdOffExpires: Bool = false
        ) {
            self.holdOffMargin = holdOffMargin
            self.retryDelay = retryDelay
            self.holdOffExpires = holdOffExpires
        }
    }

    /// What it really does.
    public private(set) var inEffect = Stage.legacy
    /// What was decided, as it was read last; nil when nothing was read yet.
    public private(set) var recorded: Stage?
    /// The epoch of the entry that was read last.
    public private(set) var epoch: UInt64 = 0
    /// The step that is under way.
    public private(set) var entering: Stage?
    /// Why it is not to be relied on; nil when it is.
    public private(set) var unfitReason: String?
    /// Why the record cannot be used; nil when it can.
    public private(set) var readProblem: String?
    /// Why the last step up did not succeed; nil when it did.
    public private(set) var stepProblem: String?

    private let settings: Settings
    private var holdOffEnd: Instant?
    private var isHoldOffLost = false
    private var isReversing = false
    private var isStopping = false
    private var isFinished = false
    private var retryAt: Instant?
    private var reverseAt: Instant?
    private var armed: Instant?
    private var effects: [Effect] = []

    /// Makes a machine that has read nothing.
    public init(settings: Settings = Settings()) { self.settings = settings }

    /// Whether the daemon may act in place of ctdbd now.
    public func mayAct(at now: Instant) -> Bool {
        guard inEffect.isTakenOver, !isHoldOffLost, entering.map({ $0.isTakenOver }) ?? true
        else { return false }
        return isHeldOff(at: now)
    }

    /// Why what is in effect is not what is recorded; empty when it is.
    public var detail: String {
        if let readProblem { return readProblem }
        guard let recorded else { return "the stages have not been read yet" }
        if let unfitReason, inEffect != recorded || entering != nil {
            return "not fit: \(unfitReason)"
        }
        if inEffect == recorded, entering == nil { return "" }
        if isStopping { return "the daemon is being stopped" }
        if isHoldOffLost { return "ctdbd could not be held off" }
        if let stepProblem { return stepProblem }
        return "on its way from \(inEffect) to \(recorded)"
    }

    /// Takes an event.
    ///
    /// - Parameters:
    ///   - event: what has happened.
    ///   - now: when.
    /// - Returns: what to do about it, in this order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        switch event {
        case .read(let reading): take(reading)
        case .entered(let stage): entered(stage, event, now)
        case .failed(let stage, let reason, let isForNow):
            failed(stage, reason, isForNow, event, now)
        case .heldOff(let end):
            holdOffEnd = end
            isHoldOffLost = false
        case .dropped(let reason): dropped(reason, now)
        case .unfit(let reason): unfit(reason)
        case .notReversed(let reason):
            effects.append(.note(.notReversed(reason)))
            isReversing = false
            reverseAt = now.advanced(by: settings.retryDelay)
        case .stopping: isStopping = true
        case .wake: armed = nil
        }
        proceed(now)
        wish()
        defer { effects = [] }
        return effects
    }

    // MARK: Events

    private mutating func take(_ reading: Reading) {
        switch reading {
        case .unreadable(let problem):
            if readProblem != problem { effects.append(.note(.unreadable(problem))) }
            readProblem = problem
        case .stage(let stage, let epoch):
            readProblem = nil
            guard stage.isKnown else {
                return take(.unreadable("this version does not know \(stage)"))
            }
            guard recorded != stage || self.epoch != epoch else { return }
            if recorded != nil || stage != .legacy {
                effects.append(.note(.recorded(stage, epoch: epoch)))
            }
            let isFirst = recorded == nil
            recorded = stage
            self.epoch = epoch
            isReversing = false
            reverseAt = nil
            stepProblem = nil
            retryAt = nil
            // Somebody has acted on what failed.
            if !isFirst { unfitReason = nil }
        }
    }

    private mutating func entered(_ stage: Stage, _ event: Event, _ now: Instant) {
        guard entering == stage else { return effects.append(.note(.unexpected(event))) }
        entering = nil
        stepProblem = nil
        inEffect = stage
        if !stage.isTakenOver {
            holdOffEnd = nil
            if isHoldOffLost { retryAt = now.advanced(by: settings.retryDelay) }
            isHoldOffLost = false
        }
        effects.append(.note(.inEffect(stage)))
    }

    private mutating func dropped(_ reason: String, _ now: Instant) {
        guard inEffect.isTakenOver || entering?.isTakenOver == true else { return }
        entering = nil
        holdOffEnd = nil
        isHoldOffLost = false
        inEffect = .shadow
        stepProblem = reason
        retryAt = now.advanced(by: settings.retryDelay)
        effects.append(.note(.notEntered(recorded ?? .native, reason: reason)))
        effects.append(.note(.inEffect(.shadow)))
    }

    private mutating func failed(
        _ stage: Stage, _ reason: String, _ isForNow: Bool, _ event: Event, _ now: Instant
    ) {
        guard entering == stage else { return effects.append(.note(.unexpected(event))) }
        entering = nil
        if stepProblem != reason { effects.append(.note(.notEntered(stage, reason: reason))) }
        stepProblem = reason
        if stage > inEffect, stage.isTakenOver, !isForNow { return unfit(reason) }
        retryAt = now.advanced(by: settings.retryDelay)
    }

    private mutating func unfit(_ reason: String) {
        guard unfitReason == nil else { return }
        unfitReason = reason
        effects.append(.note(.unfit(reason)))
    }

    // MARK: What follows

    /// The instant from which the hold-off is not relied on.
    private var limit: Instant? {
        guard let end = holdOffEnd else { return nil }
        let margin = settings.holdOffMargin.nanoseconds
        return Instant(nanoseconds: end.nanoseconds > margin ? end.nanoseconds - margin : 0)
    }

    /// Whether ctdbd can be relied on to hold off.
    private func isHeldOff(at now: Instant) -> Bool {
        limit.map { now < $0 } ?? !settings.holdOffExpires
    }

    /// Where it wants to be.
    private var goal: Stage? {
        if isStopping { return .legacy }
        guard readProblem == nil, let recorded else { return nil }
        if isHoldOffLost { return min(recorded, .shadow) }
        if unfitReason != nil, recorded != .finalised { return min(recorded, .shadow) }
        return recorded
    }

    private mutating func proceed(_ now: Instant) {
        if !isHeldOff(at: now), inEffect.isTakenOver, !isHoldOffLost {
            isHoldOffLost = true
            holdOffEnd = nil
            effects.append(.note(.holdOffEnding))
        }
        // A pause is over whether or not anything follows.
        if let retryAt, now >= retryAt { self.retryAt = nil }
        if let reverseAt, now >= reverseAt { self.reverseAt = nil }
        step()
        if isStopping, inEffect == .legacy, entering == nil, !isFinished {
            isFinished = true
            effects.append(.finished)
        }
        guard let unfitReason, let recorded, recorded == .native, !isReversing, epoch > 0,
            reverseAt == nil
        else { return }
        isReversing = true
        effects.append(.reverse(epoch: epoch, reason: unfitReason))
    }

    private mutating func step() {
        guard let goal else { return }
        if let entering {
            // On the way up, and it is not wanted any more: the way down begins at once. What the
            // daemon says of the step that was given up comes as an unexpected event.
            guard entering > inEffect, goal < entering else { return }
            self.entering = nil
            let lower = entering.step(towards: .legacy) ?? .legacy
            return begin(lower)
        }
        guard retryAt == nil, let next = inEffect.step(towards: goal) else { return }
        begin(next)
    }

    private mutating func begin(_ stage: Stage) {
        // What was answered before is of a hold-off that has been given back.
        if stage.isTakenOver, !inEffect.isTakenOver { holdOffEnd = nil }
        entering = stage
        effects.append(.enter(stage))
    }

    private mutating func wish() {
        var next: Instant?
        func consider(_ instant: Instant?) {
            if let instant { next = next.map { min($0, instant) } ?? instant }
        }
        if inEffect.isTakenOver { consider(limit) }
        consider(retryAt)
        consider(reverseAt)
        guard let next, next != armed else { return }
        armed = next
        effects.append(.wake(at: next))
    }
}

extension Duration {
    /// The duration in nanoseconds; never negative, and never beyond the last.
    var nanoseconds: UInt64 {
        Instant(nanoseconds: 0).advanced(by: self).nanoseconds
    }
}
