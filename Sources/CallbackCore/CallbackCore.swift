// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// Tells programs of changes: which run, when, how often, and what each has been told.
///
/// A *telling* is a callback and a subject. It has one run at a time, of the latest state; tellings
/// do not wait for each other, up to a limit of runs altogether.
///
/// | a telling | what happens | then |
/// |---|---|---|
/// | done, or given up | the state changes | it waits for its turn |
/// | waits | the state changes | it waits, with the later state: one is passed over |
/// | runs | the state changes | it waits when the run has ended, however that went |
/// | runs | the run succeeds | done |
/// | runs | the run fails, or is not in time | it is run again after a pause, or given up |
///
/// What was known and told is kept across lives of the daemon: a state that an earlier life knew
/// and a callback was not told, is told. A run that was under way is run again.
///
/// Invariant: when changes cease, each callback has been told the last state of each of its
/// subjects, or has failed with it as often as it may.
public struct CallbackCore: Equatable, Sendable {
    /// Names one run; a number is never used again.
    public struct RunID: Hashable, Sendable {
        /// Counts from 1.
        public var number: UInt64

        /// Makes a name.
        public init(_ number: UInt64) { self.number = number }
    }

    /// What to run.
    public struct Launch: Hashable, Sendable {
        /// The callback.
        public var callback: Callback
        /// What it is told.
        public var change: StateChange
        /// The state that it was told before; nil when it was told none.
        public var previous: String?
        /// Which try it is, from 1.
        public var attempt: Int

        /// Describes a run.
        public init(
            callback: Callback, change: StateChange, previous: String?, attempt: Int
        ) {
            self.callback = callback
            self.change = change
            self.previous = previous
            self.attempt = attempt
        }
    }

    /// How a run ended.
    public enum Ending: Hashable, Sendable {
        /// With an exit code.
        case exited(Int32)
        /// By a signal.
        case signalled(Int32)
        /// It could not be started, and why.
        case notStarted(String)
    }

    /// What happens.
    public enum Event: Hashable, Sendable {
        /// The callbacks that there are from now on.
        case configured([Callback])
        /// What an earlier life knew; comes before everything else.
        case restored([SavedState])
        /// Something has another state, or still the same.
        case changed(StateChange)
        /// A run has ended; the time is in milliseconds since 1970.
        case ended(RunID, Ending, output: [UInt8], time: UInt64)
        /// The moment has come that `.wake` asked for.
        case wake
    }

    /// What to do.
    public enum Effect: Hashable, Sendable {
        /// Start a program; answered with `.ended`.
        case start(RunID, Launch)
        /// Ask a run and its children to end.
        case terminate(RunID)
        /// End a run and its children.
        case kill(RunID)
        /// What is to be kept across lives has changed.
        case save
        /// Comes back with `.wake` at this time; an earlier wish is forgotten.
        case wake(at: Instant)
        /// Something to log.
        case note(Note)
    }

    /// What is worth a line in the log.
    public enum Note: Hashable, Sendable {
        /// Something has another state.
        case changed(StateChange, from: String?)
        /// A run has failed; it is run again, or was given up.
        case failed(callback: String, ChangeSubject, problem: String, isGivenUp: Bool)
        /// There are too many subjects, and one was forgotten.
        case forgotten(ChangeSubject)
    }

    /// The most subjects that are known; the one that changed longest ago is forgotten.
    public static let subjectLimit = 4096
    /// A run that was asked to end is killed after so long.
    static let killDelay = Duration.seconds(2)
    /// A state of an earlier life may have changed meanwhile: it is told after so long.
    static let settleDelay = Duration.seconds(3)

    private struct Known: Equatable, Sendable {
        var change: StateChange
        /// Counts the changes of all subjects.
        var number: UInt64
    }

    struct Key: Hashable, Sendable {
        var callback: String
        var subject: ChangeSubject
    }

    struct Run: Equatable, Sendable {
        var id: RunID
        var change: StateChange
        var number: UInt64
        var deadline: Instant
        var isLate = false
        var isKilled = false
    }

    struct Telling: Equatable, Sendable {
        var isWaiting = false
        var isGivenUp = false
        var notBefore: Instant?
        var run: Run?
        var told: String?
        var failures = 0
        var runs: UInt64 = 0
        var passedOver: UInt64 = 0
        var ended: UInt64 = 0
        var problem = ""
        var output: [UInt8] = []
    }

    private var callbacks: [String: Callback] = [:]
    private var known: [ChangeSubject: Known] = [:]
    private var tellings: [Key: Telling] = [:]
    private var keys: [RunID: Key] = [:]
    /// Those whose turn comes, the first first.
    private var queue: [Key] = []
    private let runLimit: Int
    private var changeCount: UInt64 = 0
    private var runCount: UInt64 = 0
    private var armed: Instant?
    private var effects: [Effect] = []

    /// Makes a core that knows nothing.
    ///
    /// - Parameter runLimit: so many programs run at once.
    public init(runLimit: Int = 16) { self.runLimit = max(runLimit, 1) }

    /// Takes an event.
    ///
    /// - Parameters:
    ///   - event: what has happened.
    ///   - now: when.
    /// - Returns: what to do about it, in this order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        switch event {
        case .configured(let list): configure(list, now)
        case .restored(let states): restore(states, now)
        case .changed(let change): take(change)
        case .ended(let run, let ending, let output, let time):
            ended(run, ending, output, time, now)
        case .wake: armed = nil
        }
        supervise(now)
        start(now)
        wish(now)
        defer { effects = [] }
        return effects
    }

    // MARK: What is known

    /// The states that are known, by subject.
    public var states: [StateChange] {
        known.values.map(\.change).sorted { $0.about < $1.about }
    }

    /// What is to be kept across lives.
    public var saved: [SavedState] {
        known.values.sorted { $0.number < $1.number }.map { one in
            let told = callbacks.keys.sorted().filter { name in
                guard let telling = tellings[Key(callback: name, subject: one.change.about)]
                else { return false }
                return !telling.isWaiting && telling.run == nil
            }
            return SavedState(
                change: one.change, told: told.map { CallbackName(value: $0) })
        }
    }

    /// The callbacks that there are, by name.
    public var registered: [Callback] {
        callbacks.values.sorted { $0.name < $1.name }
    }

    /// How each telling stands, by callback and subject.
    public var statuses: [CallbackStatus] {
        tellings.sorted {
            ($0.key.callback, $0.key.subject) < ($1.key.callback, $1.key.subject)
        }.compactMap { key, telling in
            guard let present = known[key.subject] else { return nil }
            return telling.status(key, present.change)
        }
    }

    // MARK: Events

    private mutating func configure(_ list: [Callback], _ now: Instant) {
        let before = callbacks
        callbacks = [:]
        for callback in list { callbacks[callback.name] = callback }
        for (key, telling) in tellings where !isWanted(key) {
            if let run = telling.run {
                effects.append(.terminate(run.id))
                keys[run.id] = nil
            }
            tellings[key] = nil
        }
        queue.removeAll { tellings[$0] == nil }
        // A callback that is new learns of everything that there is.
        for callback in registered where before[callback.name]?.topics != callback.topics {
            for subject in known.keys.sorted() where callback.topics.contains(subject.topic) {
                let key = Key(callback: callback.name, subject: subject)
                if tellings[key] == nil { wait(key) }
            }
        }
        if !known.isEmpty { effects.append(.save) }
    }

    private func isWanted(_ key: Key) -> Bool {
        callbacks[key.callback]?.topics.contains(key.subject.topic) ?? false
    }

    private mutating func restore(_ states: [SavedState], _ now: Instant) {
        for state in states where known[state.change.about] == nil {
            changeCount += 1
            known[state.change.about] = Known(change: state.change, number: changeCount)
            for callback in registered where callback.topics.contains(state.change.topic) {
                let key = Key(callback: callback.name, subject: state.change.about)
                guard !state.told.contains(CallbackName(value: callback.name)) else {
                    tellings[key] = Telling(told: state.change.state)
                    queue.removeAll { $0 == key }
                    continue
                }
                wait(key)
                tellings[key]?.notBefore = now.advanced(by: Self.settleDelay)
            }
        }
    }

    private mutating func take(_ change: StateChange) {
        let subject = change.about
        let before = known[subject]
        if let before, before.change.tellsTheSame(as: change) { return }
        if before == nil, known.count >= Self.subjectLimit { forgetOne() }
        changeCount += 1
        known[subject] = Known(change: change, number: changeCount)
        effects.append(.note(.changed(change, from: before?.change.state)))
        for callback in registered where callback.topics.contains(subject.topic) {
            let key = Key(callback: callback.name, subject: subject)
            if tellings[key]?.isWaiting == true { tellings[key]?.passedOver += 1 }
            wait(key)
            tellings[key]?.notBefore = nil
            tellings[key]?.failures = 0
        }
        effects.append(.save)
    }

    private mutating func forgetOne() {
        guard let oldest = known.min(by: { $0.value.number < $1.value.number })?.key else {
            return
        }
        known[oldest] = nil
        for key in tellings.keys where key.subject == oldest {
            if let run = tellings[key]?.run { keys[run.id] = nil }
            tellings[key] = nil
        }
        queue.removeAll { $0.subject == oldest }
        effects.append(.note(.forgotten(oldest)))
    }

    private mutating func wait(_ key: Key) {
        var telling = tellings[key] ?? Telling()
        if !telling.isWaiting { queue.append(key) }
        telling.isWaiting = true
        telling.isGivenUp = false
        tellings[key] = telling
    }

    private mutating func ended(
        _ id: RunID, _ ending: Ending, _ output: [UInt8], _ time: UInt64, _ now: Instant
    ) {
        guard let key = keys.removeValue(forKey: id), var telling = tellings[key],
            let run = telling.run, let callback = callbacks[key.callback]
        else { return }
        telling.run = nil
        telling.ended = time
        telling.output = Array(output.prefix(Int(PeerProtocol.callbackOutputLimit)))
        telling.problem = run.isLate ? "not in time" : ending.problem
        let isLatest = known[key.subject]?.number == run.number
        if telling.problem.isEmpty {
            telling.told = run.change.state
            telling.failures = 0
            tellings[key] = telling
        } else {
            telling.failures += 1
            // A later state is a fresh start.
            let isOver = isLatest && telling.failures > callback.retries
            if !isLatest { telling.failures = 0 }
            telling.isGivenUp = isOver
            telling.notBefore =
                isLatest ? now.advanced(by: callback.delay(after: telling.failures)) : nil
            tellings[key] = telling
            effects.append(
                .note(
                    .failed(
                        callback: key.callback, key.subject, problem: telling.problem,
                        isGivenUp: isOver)))
            if isLatest, !isOver { wait(key) }
        }
        effects.append(.save)
    }

    // MARK: Runs

    private mutating func supervise(_ now: Instant) {
        for (id, key) in keys.sorted(by: { $0.key.number < $1.key.number }) {
            guard var run = tellings[key]?.run else { continue }
            if !run.isLate, run.deadline <= now {
                run.isLate = true
                run.deadline = now.advanced(by: Self.killDelay)
                effects.append(.terminate(id))
            } else if run.isLate, !run.isKilled, run.deadline <= now {
                run.isKilled = true
                effects.append(.kill(id))
            }
            tellings[key]?.run = run
        }
    }

    private mutating func start(_ now: Instant) {
        guard keys.count < runLimit else { return }
        var rest: [Key] = []
        for key in queue {
            guard var telling = tellings[key], telling.isWaiting,
                let callback = callbacks[key.callback], let present = known[key.subject]
            else { continue }
            let isEarly = telling.notBefore.map { now < $0 } ?? false
            guard telling.run == nil, !isEarly, keys.count < runLimit else {
                rest.append(key)
                continue
            }
            runCount += 1
            let id = RunID(runCount)
            telling.isWaiting = false
            telling.notBefore = nil
            telling.runs += 1
            telling.run = Run(
                id: id, change: present.change, number: present.number,
                deadline: now.advanced(by: callback.timeout))
            tellings[key] = telling
            keys[id] = key
            effects.append(
                .start(
                    id,
                    Launch(
                        callback: callback, change: present.change, previous: telling.told,
                        attempt: telling.failures + 1)))
        }
        queue = rest
    }

    private mutating func wish(_ now: Instant) {
        let deadlines = keys.values.compactMap { key -> Instant? in
            guard let run = tellings[key]?.run, !run.isKilled else { return nil }
            return run.deadline
        }
        let pauses =
            keys.count < runLimit
            ? queue.compactMap { key -> Instant? in
                tellings[key]?.run == nil ? tellings[key]?.notBefore : nil
            } : []
        guard let next = (deadlines + pauses).min(), next != armed else { return }
        armed = next
        effects.append(.wake(at: next))
    }
}

extension CallbackCore.Telling {
    /// How it stands, for people.
    func status(_ key: CallbackCore.Key, _ present: StateChange) -> CallbackStatus {
        let state: CallbackState =
            if run != nil {
                .running
            } else if isGivenUp {
                .givenUp
            } else if isWaiting {
                failures > 0 ? .retrying : .waiting
            } else {
                .done
            }
        return CallbackStatus(
            name: key.callback, topic: key.subject.topic, subject: key.subject.name,
            told: present.state, state: state, failures: UInt32(clamping: failures), runs: runs,
            passedOver: passedOver, ended: ended, problem: problem, output: output)
    }
}

extension CallbackCore.Ending {
    /// What is wrong with it; empty when nothing is.
    var problem: String {
        switch self {
        case .exited(0): ""
        case .exited(let code): "exit code \(code)"
        case .signalled(let number): "killed by signal \(number)"
        case .notStarted(let why): why
        }
    }
}
