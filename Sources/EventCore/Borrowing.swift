// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// Decides when the sockets of the legacy event daemon are borrowed, and when they go back.
///
/// ctdbd never talks to another event daemon than the one that it has started. That one stays its
/// child and is frozen at a moment when it has nothing to do; another process serves copies of its
/// sockets meanwhile. When that process dies, the kernel lets the frozen one go on.
///
/// | state | what it waits for | what ends it |
/// |---|---|---|
/// | off | being wanted | `.wanted` |
/// | searching | who serves the socket | `.found` |
/// | pausing | the next try | `.wake` |
/// | asking | the lender's memory | `.remembered`, `.forgotten` |
/// | settling | the lender to come to rest after the questions | `.wake` |
/// | freezing | the lender to stand still | `.frozen`, `.unfrozen` |
/// | copying | its sockets | `.serving`, `.unserved` |
/// | serving | nothing: this is what is wanted | `.wanted`, a signal, an end |
/// | returning | the end of what runs | `.finished`, a signal, an end |
/// | resting | our own daemon, which ctdbd has started, to end | `.wake` |
///
/// Invariants: a lender that was frozen is let go exactly once, unless it has ended; nothing is
/// served but between `.serve` and `.letGo`; a lender is served only when it was idle and no script
/// of it has ended since its memory was taken over.
public struct Borrowing: Equatable, Sendable {
    private enum State: Equatable, Sendable {
        case off
        case searching
        case pausing
        case asking(Lender)
        case settling(Lender, endedScripts: UInt64?)
        case freezing(Lender, endedScripts: UInt64?)
        case copying(Lender)
        case serving(Lender)
        case returning(Lender)
        case resting(pid: Int32)
    }

    /// The signals at which the lender wants to end.
    private static let stops: Set<Int32> = [2, 9, 15]
    private static let hangup: Int32 = 1
    private static let user1: Int32 = 10
    private static let settleLimit = 40

    private var state = State.off
    private var isWanted = false
    private var status = Status.legacy
    /// The tries in a row that met a lender at work.
    private var busyCount = 0
    /// The times that it was not at rest after the same questions.
    private var settleCount = 0
    /// The signals that were acted on already.
    private var seen: Set<Int32> = []
    private var effects: [Effect] = []

    /// Makes a machine that wants nothing.
    public init() {}

    /// Takes an event.
    ///
    /// - Parameters:
    ///   - event: what has happened.
    ///   - now: when.
    /// - Returns: what to do about it, in this order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        switch event {
        case .wanted(let isWanted): want(isWanted)
        case .found(let finding): found(finding, now)
        case .remembered(let endedScripts):
            guard case .asking(let lender) = state else { break }
            settleCount = 0
            settle(lender, endedScripts, now)
        case .forgotten(let reason):
            guard case .asking = state else { break }
            pause(.failed(reason), now)
        case .frozen(let observation): frozen(observation, now)
        case .unfrozen(let obstacle):
            guard case .freezing = state else { break }
            pause(obstacle, now)
        case .serving:
            guard case .copying(let lender) = state else { break }
            busyCount = 0
            seen = []
            state = .serving(lender)
            report(.borrowed(lender))
            // It may have become unwanted meanwhile.
            want(isWanted)
        case .unserved(let obstacle):
            guard case .copying = state else { break }
            effects.append(.letGo)
            pause(obstacle, now)
        case .finished:
            guard case .returning = state else { break }
            effects.append(.letGo)
            rest()
        case .lenderEnded, .ctdbdEnded: end(now)
        case .signals(let numbers): signals(numbers, now)
        case .unable(let reason): abandon(.failed(reason), now)
        case .wake:
            switch state {
            case .pausing, .resting: search()
            case .settling(let lender, let endedScripts):
                state = .freezing(lender, endedScripts: endedScripts)
                effects.append(.freeze(lender))
            case .off, .searching, .asking, .freezing, .copying, .serving, .returning: break
            }
        }
        defer { effects = [] }
        return effects
    }

    // MARK: Wishes

    private mutating func want(_ isWanted: Bool) {
        self.isWanted = isWanted
        switch (state, isWanted) {
        case (.off, true): search()
        case (.serving(let lender), false):
            state = .returning(lender)
            effects.append(.finish)
            report(.returning(lender))
        case (.returning(let lender), true):
            state = .serving(lender)
            effects.append(.goOn)
            report(.borrowed(lender))
        case (.pausing, false), (.resting, false), (.searching, false), (.asking, false),
            (.settling, false):
            rest()
        // What was begun is ended when its answer comes.
        case (.freezing, _), (.copying, _): break
        case (.off, false), (.serving, true), (.returning, false), (.searching, true),
            (.pausing, true), (.asking, true), (.settling, true), (.resting, true):
            break
        }
    }

    private mutating func search() {
        state = .searching
        effects.append(.find)
    }

    /// Wants nothing any more.
    private mutating func rest() {
        state = .off
        busyCount = 0
        report(.legacy)
    }

    private mutating func report(_ status: Status) {
        guard status != self.status else { return }
        self.status = status
        effects.append(.changed(status))
    }

    /// Comes back later, if it is still wanted then.
    private mutating func pause(_ obstacle: Obstacle, _ now: Instant) {
        guard isWanted else { return rest() }
        state = .pausing
        let milliseconds: UInt64
        switch obstacle {
        case .nobody, .signalled: milliseconds = 500
        case .failed: milliseconds = 1000
        case .refused: milliseconds = 10_000
        case .runs, .atWork, .writes:
            busyCount += 1
            milliseconds = busyCount < 100 ? 10 : 100
        }
        // A lender that is at work now and then is no news.
        switch obstacle {
        case .runs, .atWork, .writes: if busyCount % 100 == 0 { report(.waiting(obstacle)) }
        default: report(.waiting(obstacle))
        }
        effects.append(.wake(at: now.advanced(byMilliseconds: milliseconds)))
    }

    // MARK: The way there

    private mutating func found(_ finding: Finding, _ now: Instant) {
        guard state == .searching else { return }
        switch finding {
        case .nobody: pause(.nobody, now)
        case .unknown(let reason): pause(.failed(reason), now)
        case .legacy(_, let scripts) where !scripts.isEmpty: pause(.runs(scripts), now)
        case .legacy(let lender, _):
            state = .asking(lender)
            effects.append(.ask(lender))
        case .own(let pid):
            state = .resting(pid: pid)
            report(.own(pid: pid))
            effects.append(.wake(at: now.advanced(byMilliseconds: 1000)))
        }
    }

    private mutating func settle(_ lender: Lender, _ endedScripts: UInt64?, _ now: Instant) {
        settleCount += 1
        state = .settling(lender, endedScripts: endedScripts)
        effects.append(.wake(at: now.advanced(byMilliseconds: 5)))
    }

    private mutating func frozen(_ observation: Observation, _ now: Instant) {
        guard case .freezing(let lender, let endedScripts) = state else {
            // Nobody waits for it: whoever asked has ended.
            return effects.append(.letGo)
        }
        let obstacle: Obstacle?
        if let signal = observation.signals.intersection(Self.stops).min() {
            obstacle = .signalled(signal)
        } else if !observation.scripts.isEmpty {
            obstacle = .runs(observation.scripts)
        } else if observation.waitsToWrite {
            obstacle = .writes
        } else if observation.endedScripts == nil || observation.endedScripts != endedScripts {
            obstacle = .atWork
        } else if !observation.wasIdle {
            // It still takes leave of who has asked; what it has told is true for as long.
            effects.append(.letGo)
            guard isWanted, settleCount < Self.settleLimit else { return pause(.atWork, now) }
            return settle(lender, endedScripts, now)
        } else {
            obstacle = nil
        }
        guard let obstacle else {
            guard isWanted else {
                effects.append(.letGo)
                return rest()
            }
            state = .copying(lender)
            return effects.append(.serve(lender))
        }
        effects.append(.letGo)
        pause(obstacle, now)
    }

    // MARK: Ends

    /// Has the lender do what is left.
    private mutating func abandon(_ obstacle: Obstacle, _ now: Instant) {
        switch state {
        case .serving, .returning:
            effects += [.abandon, .letGo]
            pause(obstacle, now)
        case .off, .searching, .pausing, .asking, .settling, .freezing, .copying, .resting: break
        }
    }

    /// The lender or ctdbd has ended: nobody is there to be served.
    private mutating func end(_ now: Instant) {
        switch state {
        case .serving, .returning: abandon(.nobody, now)
        case .copying, .freezing:
            effects.append(.letGo)
            pause(.nobody, now)
        case .off, .searching, .pausing, .asking, .settling, .resting: break
        }
    }

    private mutating func signals(_ numbers: Set<Int32>, _ now: Instant) {
        switch state {
        case .serving, .returning: break
        case .off, .searching, .pausing, .asking, .settling, .freezing, .copying, .resting: return
        }
        let added = numbers.subtracting(seen)
        seen = numbers
        // It would end the scripts that run, and so it shall seem.
        if let stop = numbers.intersection(Self.stops).min() {
            return abandon(.signalled(stop), now)
        }
        if added.contains(Self.hangup) { effects.append(.reopenLog) }
        if added.contains(Self.user1) { effects.append(.reload) }
    }
}
