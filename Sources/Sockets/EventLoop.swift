// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc
import Vocabulary

/// The one loop of a daemon: it waits for descriptors, deadlines and signals, and runs handlers.
///
/// Handlers run one after the other on the thread that runs the loop; nothing here is for another
/// thread, which hands things over through a `Mailbox`. Descriptors are level-triggered: a handler
/// that leaves something unread is called again in the next iteration. A handler does not run the
/// loop again. A handler that captures the loop keeps it alive until the handler is removed.
public final class EventLoop {
    /// Names a registration; a name is never used again.
    public struct Token: Hashable, Sendable {
        let key: SlotMap<Registration>.Key
    }

    /// Names a timer; a name is never used again.
    public struct TimerToken: Hashable, Sendable {
        let key: TimerQueue.Key
    }

    /// Runs when a descriptor is ready.
    public typealias Handler = (Readiness) -> Void

    /// What the loop knows of a descriptor.
    struct Registration {
        let descriptor: FileDescriptor
        let handler: Handler
        var interest: Interest
    }

    /// The time at which the current iteration began, as every handler in it sees it.
    public private(set) var now: Instant

    /// What runs once at the end of this iteration, or before the next wait.
    private var endings: [Ending] = []
    /// The endings that are running; kept for its room.
    private var dueEndings: [Ending] = []
    /// What is tried once before the next wait.
    private var attempts: [Attempt] = []
    private var dueAttempts: [Attempt] = []
    /// The iterations in a row that did not ask the kernel what is ready.
    private var unaskedCount = 0

    private let epoll: FileDescriptor
    private var registrations = SlotMap<Registration>()
    private var timers = TimerQueue()
    private var events = [clinux_event](repeating: clinux_event(), count: eventBatch)
    private var stopRequested = false
    /// Wakes the loop at deadlines where the kernel has no epoll_pwait2.
    private var alarm: Alarm?

    // In a structure a closure needs no memory of its own for each time it is stored.
    private struct Ending { let run: () -> Void }
    private struct Attempt { let run: () -> Bool }

    private static let eventBatch = Int(CLINUX_EVENT_BATCH)
    private static let unaskedLimit = 16
    /// The token of the alarm, which no registration has: generations begin with 1.
    private static let alarmToken: UInt64 = 0

    /// Makes a loop with nothing in it.
    public convenience init() throws(SystemError) {
        try self.init(preciseWait: true)
    }

    /// Makes a loop; without the precise wait it does as on a kernel before 5.11.
    package init(preciseWait: Bool) throws(SystemError) {
        epoll = try FileDescriptor(clinux_epoll_create(), "epoll_create1")
        now = Self.clock()
        if !preciseWait { try useAlarm() }
    }

    /// Reads the clock that the loop goes by.
    public static func clock() -> Instant {
        Instant(nanoseconds: clinux_clock(CLOCK_MONOTONIC))
    }

    /// Calls a handler whenever a descriptor is ready.
    ///
    /// - Parameters:
    ///   - descriptor: what to watch; the loop holds it until `remove`.
    ///   - interest: what to wait for; hang-ups and errors are always reported.
    ///   - handler: runs on the loop's thread.
    /// - Returns: what names the registration from now on.
    /// - Throws: `EEXIST` when the descriptor is registered already.
    public func register(
        _ descriptor: FileDescriptor, for interest: Interest, handler: @escaping Handler
    ) throws(SystemError) -> Token {
        let key = registrations.insert(
            Registration(descriptor: descriptor, handler: handler, interest: interest))
        let answer = clinux_epoll_control(
            epoll.number, EPOLL_CTL_ADD, descriptor.number, interest.events, key.packed)
        guard answer == 0 else {
            _ = registrations.remove(key)
            throw SystemError("epoll_ctl ADD", answer: answer)
        }
        return Token(key: key)
    }

    /// Changes what is waited for; a token that was removed changes nothing.
    public func setInterest(_ interest: Interest, of token: Token) throws(SystemError) {
        guard let found = registrations[token.key], found.interest != interest else { return }
        let answer = clinux_epoll_control(
            epoll.number, EPOLL_CTL_MOD, found.descriptor.number, interest.events,
            token.key.packed)
        guard answer == 0 else { throw SystemError("epoll_ctl MOD", answer: answer) }
        registrations[token.key]?.interest = interest
    }

    /// Forgets a descriptor and its handler; what the kernel reported already is dropped.
    public func remove(_ token: Token) {
        guard let found = registrations.remove(token.key) else { return }
        _ = clinux_epoll_control(epoll.number, EPOLL_CTL_DEL, found.descriptor.number, 0, 0)
    }

    /// Makes a timer; it does nothing until it is armed.
    public func makeTimer(_ handler: @escaping () -> Void) -> TimerToken {
        TimerToken(key: timers.insert(handler))
    }

    /// Arms a timer, which then fires once, or moves the deadline of an armed one.
    public func arm(_ timer: TimerToken, at deadline: Instant) {
        // A deadline in the past would stand before those that have waited longer.
        timers.arm(timer.key, at: max(deadline, now))
    }

    /// Takes a timer's deadline away.
    public func disarm(_ timer: TimerToken) { timers.disarm(timer.key) }

    /// Takes a timer and its handler away.
    public func removeTimer(_ timer: TimerToken) { timers.remove(timer.key) }

    /// Runs iterations until `stop`.
    public func run() throws(SystemError) {
        stopRequested = false
        while !stopRequested { try iterate() }
    }

    /// Ends `run` after the current iteration.
    public func stop() { stopRequested = true }

    /// Waits until something is ready or due, and runs the handlers.
    ///
    /// - Parameter limit: when to come back with nothing done; nil waits for as long as it takes.
    /// - Returns: whether a handler ran.
    /// - Throws: what epoll or a timer descriptor answered; the loop cannot go on.
    @discardableResult
    public func iterate(until limit: Instant? = nil) throws(SystemError) -> Bool {
        runEndings()
        if tryBeforeWaiting() { return true }
        let ready = try wait(until: earlier(timers.next, limit))
        now = Self.clock()
        var ran = runDueTimers()
        for index in 0..<ready {
            let event = events[index]
            guard event.token != Self.alarmToken else { continue }
            // An earlier handler may have removed this registration, or replaced it.
            guard let found = registrations[SlotMap.Key(packed: event.token)] else { continue }
            found.handler(Readiness(events: event.events))
            ran = true
        }
        runEndings()
        return ran
    }

    /// Runs a closure once, at the end of this iteration or before the next wait.
    ///
    /// Whoever collects things to send puts itself down here with the first of them.
    public func atEndOfIteration(_ ending: @escaping () -> Void) {
        endings.append(Ending(run: ending))
    }

    /// Tries something once before the loop waits in the kernel for the next time.
    ///
    /// For who has just sent a question and may have the answer already: then the wait, which is a
    /// system call, is saved. Every so often the kernel is asked all the same, so that descriptors
    /// that are not tried have their turn.
    ///
    /// - Parameter attempt: does what it can without waiting; whether there was anything.
    public func beforeWait(_ attempt: @escaping () -> Bool) {
        attempts.append(Attempt(run: attempt))
    }

    /// Whether an attempt made the wait superfluous.
    private func tryBeforeWaiting() -> Bool {
        guard !attempts.isEmpty else {
            unaskedCount = 0
            return false
        }
        guard unaskedCount < Self.unaskedLimit else {
            // They are tried before the next wait.
            unaskedCount = 0
            return false
        }
        swap(&attempts, &dueAttempts)
        now = Self.clock()
        var came = false
        for attempt in dueAttempts where attempt.run() { came = true }
        dueAttempts.removeAll(keepingCapacity: true)
        guard came else {
            unaskedCount = 0
            return false
        }
        unaskedCount += 1
        _ = runDueTimers()
        runEndings()
        return true
    }

    private func runEndings() {
        while !endings.isEmpty {
            swap(&endings, &dueEndings)
            for ending in dueEndings { ending.run() }
            dueEndings.removeAll(keepingCapacity: true)
        }
    }

    /// Runs the timers that were due when the iteration began.
    private func runDueTimers() -> Bool {
        var ran = false
        let mark = timers.mark
        while let handler = timers.takeDue(at: now, before: mark) {
            handler()
            ran = true
        }
        return ran
    }

    /// Waits in the kernel; the events are in `events` then.
    private func wait(until deadline: Instant?) throws(SystemError) -> Int {
        while true {
            var nanoseconds: Int64 = -1
            if let deadline {
                let present = Self.clock()
                nanoseconds =
                    deadline > present
                    ? Int64(clamping: deadline.nanoseconds - present.nanoseconds) : 0
            }
            if let alarm, nanoseconds != 0 {
                try alarm.set(deadline)
                nanoseconds = -1
            }
            let number = epoll.number
            let answer = unsafe events.withUnsafeMutableBufferPointer { room in
                unsafe clinux_epoll_wait(number, room.baseAddress, nanoseconds, 1)
            }
            if answer >= 0 { return min(Int(answer), Self.eventBatch) }
            if answer == -EINTR { continue }
            // A kernel without epoll_pwait2 says ENOSYS, a container's filter also EPERM.
            guard answer == -ENOSYS || answer == -EPERM, nanoseconds > 0 else {
                throw SystemError("epoll_wait", answer: answer)
            }
            try useAlarm()
        }
    }

    /// Goes over to a timer descriptor for deadlines.
    private func useAlarm() throws(SystemError) {
        let made = try Alarm()
        let answer = clinux_epoll_control(
            epoll.number, EPOLL_CTL_ADD, made.descriptor.number, Interest.read.events,
            Self.alarmToken)
        guard answer == 0 else { throw SystemError("epoll_ctl ADD", answer: answer) }
        alarm = made
    }

    private func earlier(_ first: Instant?, _ second: Instant?) -> Instant? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }
}

/// A timer descriptor that is set to the loop's next deadline.
private final class Alarm {
    let descriptor: FileDescriptor

    init() throws(SystemError) {
        descriptor = try FileDescriptor(clinux_timer_create(), "timerfd_create")
    }

    /// Sets the alarm, which also silences it; no deadline leaves it silent.
    func set(_ deadline: Instant?) throws(SystemError) {
        let nanoseconds = deadline.map { max($0.nanoseconds, 1) } ?? 0
        let answer = clinux_timer_set(descriptor.number, nanoseconds)
        guard answer == 0 else { throw SystemError("timerfd_settime", answer: answer) }
    }
}
