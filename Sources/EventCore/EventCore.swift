// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// Runs the scripts of events: which, in which order, for how long, and what becomes of it.
///
/// | a component | an event comes | then |
/// |---|---|---|
/// | does nothing | any | it runs |
/// | runs monitor | any, monitor too | monitor is killed and cancelled, the event runs |
/// | runs another one | monitor | it is cancelled at once |
/// | runs another one | any other | it waits; the time it may take runs already |
///
/// The scripts of an event run one after the other until one fails. An event has one deadline for
/// all its scripts, counted from the request. A script that is late is given up, not ended: when
/// there is a debug script, that is run for it, and the late one is asked to end afterwards.
///
/// A run goes on when its asker has gone, and is remembered.
///
/// Invariants: at most one run of a component is under way; every request is answered once, and
/// none before those that its client sent earlier for the same component and that run.
///
/// - Source: ctdb/common/run_event.c and ctdb/event/event_cmd.c, Samba 4.17.
public struct EventCore: Equatable, Sendable {
    /// A script that was given up and has not ended.
    private struct LeftOver: Equatable, Sendable {
        var killAt: Instant?
    }

    private var settings: EventSettings
    private var components: [EventText: Component] = [:]
    /// What waits for the news whether a component is there.
    private var opening: [EventText: [Pending]] = [:]
    private var componentOfRun: [RunID: EventText] = [:]
    private var componentOfScript: [ScriptID: EventText] = [:]
    private var leftOvers: [ScriptID: LeftOver] = [:]
    private var runCount: UInt64 = 0
    private var scriptCount: UInt64 = 0
    private var armed: Instant?
    private var effects: [Effect] = []

    private enum Wish: Equatable, Sendable {
        case request(EventRequest)
        case order(Order)
    }

    private struct Pending: Equatable, Sendable {
        var asker: Asker
        var wish: Wish
        var since: Moment
    }

    /// Makes a core that has nothing to do.
    public init(settings: EventSettings = EventSettings()) { self.settings = settings }

    /// Takes an event.
    ///
    /// - Parameters:
    ///   - event: what has happened.
    ///   - now: when.
    /// - Returns: what to do about it, in this order.
    public mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
        switch event {
        case .requested(let asker, let request):
            take(.request(request), of: asker, request.component, now)
        case .ordered(let asker, let component, let order):
            take(.order(order), of: asker, component, now)
        case .opened(let component, let errno): opened(component, errno, now)
        case .listed(let run, let listing): listed(run, listing, now)
        case .ended(let script, let ending, let output): ended(script, ending, output, now)
        case .gaveUp(let script, let output): gaveUp(script, output, now)
        case .leftOverEnded(let script): leftOvers[script] = nil
        case .debugged(let component, let script, let output):
            if let output { effects.append(.note(.debugOutput(output))) }
            components[component]?.isDebugging = false
            effects.append(.terminate(script))
        case .changed(let asker, let errno):
            effects.append(.reply(asker, .script(result: errno)))
        case .wake: wake(now)
        case .configured(let changed): settings = changed
        case .remembered(let component, let event, let status):
            remember(status, of: event, in: component)
        case .abandoned(let component): abandon(component)
        }
        wish()
        defer { effects = [] }
        return effects
    }

    /// Whether no run of a component is under way or waits.
    public func isIdle(_ component: EventText) -> Bool {
        guard opening[component] == nil, let found = components[component] else {
            return opening[component] == nil
        }
        return found.current == nil && found.waiting.isEmpty
    }

    /// How an event went when it last ran; nil when it never has.
    public func status(of event: EventText, in component: EventText) -> EventStatus? {
        components[component]?.status(of: event)
    }

    // MARK: Requests

    private mutating func take(
        _ wish: Wish, of asker: Asker, _ component: EventText?, _ now: Moment
    ) {
        guard let component else { return refuse(wish, of: asker, EventErrno.invalid) }
        guard components[component] == nil else {
            return act(on: Pending(asker: asker, wish: wish, since: now), component, now)
        }
        guard component.isFolderName else {
            effects.append(.note(.badComponent(component)))
            return refuse(wish, of: asker, EventErrno.missing)
        }
        let isFirst = opening[component] == nil
        opening[component, default: []].append(Pending(asker: asker, wish: wish, since: now))
        if isFirst { effects.append(.open(component)) }
    }

    private mutating func refuse(_ wish: Wish, of asker: Asker, _ errno: Int32) {
        let reply: EventReply =
            switch wish {
            case .request(.run), .order: .run(result: errno)
            case .request(.status): .statusFailed(result: errno)
            case .request(.script): .script(result: errno)
            }
        effects.append(.reply(asker, reply))
    }

    private mutating func opened(_ component: EventText, _ errno: Int32, _ now: Moment) {
        guard let pending = opening.removeValue(forKey: component) else { return }
        if errno == 0 { components[component] = Component() }
        for one in pending {
            if errno == 0 {
                act(on: one, component, now)
            } else {
                refuse(one.wish, of: one.asker, errno)
            }
        }
    }

    private mutating func act(on pending: Pending, _ component: EventText, _ now: Moment) {
        let asker = pending.asker
        switch pending.wish {
        case .order(let order): run(order, pending, component)
        case .request(.run(let request)):
            guard let event = request.eventBytes.map(EventText.init) else {
                return refuse(pending.wish, of: asker, EventErrno.noMemory)
            }
            let order = Order(
                event: event, words: request.argumentsBytes.map(EventText.init)?.words ?? [],
                timeout: .seconds(Int64(request.timeoutSeconds)),
                isTolerant: request.flags & EventRunRequest.runAll != 0)
            run(order, pending, component)
        case .request(.status(let request)):
            let event = request.eventBytes.map(EventText.init)
            let status = event.flatMap { components[component]?.status(of: $0) }
            effects.append(
                .reply(
                    asker,
                    status.map(EventReply.status) ?? .statusFailed(result: EventErrno.invalid)))
        case .request(.script(let request)):
            guard let script = request.scriptBytes else {
                return refuse(pending.wish, of: asker, EventErrno.invalid)
            }
            effects.append(
                .setEnabled(
                    asker, component: component, script: EventText(script),
                    request.action == .enable))
        }
    }

    private mutating func run(_ order: Order, _ pending: Pending, _ component: EventText) {
        runCount &+= 1
        let run = EventRun(
            id: RunID(runCount), asker: pending.asker, event: order.event, words: order.words,
            deadline: pending.since.instant.advanced(by: order.timeout),
            isTolerant: order.isTolerant)
        if let current = components[component]?.current {
            if current.isMonitor {
                cancel(current, component)
            } else if run.isMonitor {
                effects.append(.reply(run.asker, .run(result: EventErrno.cancelled)))
                return
            }
        }
        components[component]?.waiting.append(run)
        next(of: component)
    }

    private mutating func cancel(_ run: EventRun, _ component: EventText) {
        halt(run, component)
        effects.append(.reply(run.asker, .run(result: EventErrno.cancelled)))
    }

    private mutating func halt(_ run: EventRun, _ component: EventText) {
        switch run.stage {
        case .queued, .listing: break
        case .script(let script), .givingUp(let script):
            componentOfScript[script] = nil
            effects.append(.kill(script))
        }
        leave(run, of: component)
    }

    /// Remembers what somebody else has run, unless the same event has run here since.
    private mutating func remember(
        _ status: EventStatus, of event: EventText, in component: EventText
    ) {
        var found = components[component] ?? Component()
        if let known = found.status(of: event) {
            guard let begin = status.scripts.first?.begin else { return }
            if let last = known.scripts.first?.begin, !last.isBefore(begin) { return }
        }
        found.remember(status, of: event, limit: settings.historyLimit)
        components[component] = found
    }

    /// Ends what a component runs, and forgets who asked for it.
    private mutating func abandon(_ component: EventText) {
        opening[component] = nil
        components[component]?.waiting.removeAll()
        if let run = components[component]?.current { halt(run, component) }
    }

    // MARK: Runs

    /// Begins the run that has waited longest, when nothing is under way.
    private mutating func next(of component: EventText) {
        guard components[component]?.current == nil,
            var run = components[component]?.waiting.popFirst()
        else { return }
        run.stage = .listing
        components[component]?.current = run
        componentOfRun[run.id] = component
        effects.append(.note(.running(event: run.event, words: run.words)))
        effects.append(.list(run.id, component: component))
    }

    private mutating func leave(_ run: EventRun, of component: EventText) {
        componentOfRun[run.id] = nil
        components[component]?.current = nil
    }

    private mutating func listed(_ id: RunID, _ listing: Listing, _ now: Moment) {
        // A run that was cancelled while its folder was read is forgotten.
        guard let component = componentOfRun[id], var run = components[component]?.current,
            run.id == id, run.stage == .listing
        else { return }
        switch listing {
        case .failed(let errno):
            effects.append(.note(.unreadable(component: component, errno: errno)))
            leave(run, of: component)
            effects.append(.reply(run.asker, .run(result: errno)))
            next(of: component)
        case .scripts(let scripts):
            run.scripts = scripts
            proceed(run, component, now)
        }
    }

    /// Starts the script whose turn it is, or finishes the run.
    private mutating func proceed(_ run: EventRun, _ component: EventText, _ now: Moment) {
        var run = run
        guard run.results.count < run.scripts.count else { return finish(run, component) }
        scriptCount &+= 1
        let script = ScriptID(scriptCount)
        let launch = Launch(
            component: component, script: run.scripts[run.results.count],
            arguments: [run.event] + run.words)
        run.stage = .script(script)
        run.begin = now.calendar
        components[component]?.current = run
        componentOfScript[script] = component
        effects.append(.note(.starting(launch)))
        effects.append(.start(script, launch))
    }

    /// Remembers how a run went and answers.
    private mutating func finish(_ run: EventRun, _ component: EventText) {
        leave(run, of: component)
        let result = Self.answer(to: run.summary)
        if result != EventErrno.cancelled {
            components[component]?.remember(
                EventStatus(summary: run.summary, scripts: run.results), of: run.event,
                limit: settings.historyLimit)
            effects.append(
                .note(.ran(component: component, event: run.event, summary: run.summary)))
        }
        effects.append(.reply(run.asker, .run(result: result)))
        next(of: component)
    }

    /// What who has asked for an event is told, by the event's summary.
    static func answer(to summary: Int32) -> Int32 {
        switch summary {
        // The exit code of a script may say so too.
        case 0 &- EventErrno.cancelled: EventErrno.cancelled
        case 0 &- EventErrno.timedOut: EventErrno.timedOut
        case 0: 0
        default: EventErrno.notExecutable
        }
    }

    // MARK: Scripts

    private mutating func ended(
        _ script: ScriptID, _ ending: Ending, _ output: [UInt8]?, _ now: Moment
    ) {
        guard let component = componentOfScript[script],
            let run = components[component]?.current, run.stage == .script(script)
        else { return }
        componentOfScript[script] = nil
        if case .unstartable(let errno) = ending {
            let name = run.scripts[run.results.count]
            effects.append(.note(.unstartable(script: name, errno: errno)))
            leave(run, of: component)
            effects.append(.reply(run.asker, .run(result: errno)))
            return next(of: component)
        }
        conclude(run, component, result: ending.result, output, hung: nil, now)
    }

    private mutating func gaveUp(_ script: ScriptID, _ output: [UInt8]?, _ now: Moment) {
        guard let component = componentOfScript[script],
            let run = components[component]?.current, run.stage == .givingUp(script)
        else { return }
        componentOfScript[script] = nil
        leftOvers[script] = LeftOver(
            killAt: settings.killDelay.map { now.instant.advanced(by: $0) })
        conclude(run, component, result: 0 &- EventErrno.timedOut, output, hung: script, now)
    }

    /// Notes the result of a script, and goes on to the next one or ends the run.
    private mutating func conclude(
        _ run: EventRun, _ component: EventText, result: Int32, _ output: [UInt8]?,
        hung: ScriptID?, _ now: Moment
    ) {
        var run = run
        let name = run.scripts[run.results.count]
        run.results.append(
            EventScriptResult(
                nameBytes: name.bytes, begin: run.begin, end: now.calendar, result: result,
                outputBytes: output))
        if let output { effects.append(.note(.output(script: name, output))) }
        effects.append(.note(.finished(script: name, result: result)))
        guard result != 0, result != 0 &- EventErrno.notExecutable else {
            return proceed(run, component, now)
        }
        run.summary = result
        guard !run.isTolerant else { return proceed(run, component, now) }
        if let hung { debug(hung, run.event, component) }
        let isLate = result == 0 &- EventErrno.timedOut
        effects.append(.note(isLate ? .timedOut(event: run.event) : .failed(event: run.event)))
        finish(run, component)
    }

    /// Has a script that hangs looked at; one at a time.
    private mutating func debug(_ script: ScriptID, _ event: EventText, _ component: EventText) {
        guard settings.hasDebugScript, components[component]?.isDebugging == false else { return }
        components[component]?.isDebugging = true
        effects.append(.note(.debugging(event: event)))
        effects.append(.debug(component: component, script, event: event))
    }

    // MARK: Time

    private mutating func wake(_ now: Moment) {
        armed = nil
        let due = leftOvers.filter { $0.value.killAt.map { $0 <= now.instant } ?? false }
        for script in due.keys.sorted(by: { $0.number < $1.number }) {
            leftOvers[script] = nil
            effects.append(.note(.killing(script)))
            effects.append(.kill(script))
        }
        let late = componentOfScript.filter { script, component in
            guard let run = components[component]?.current else { return false }
            return run.stage == .script(script) && run.deadline <= now.instant
        }
        for (script, component) in late.sorted(by: { $0.key.number < $1.key.number }) {
            components[component]?.current?.stage = .givingUp(script)
            effects.append(.giveUp(script))
        }
    }

    /// Asks to be woken for what is due first.
    private mutating func wish() {
        var first: Instant?
        for component in componentOfScript.values {
            guard let run = components[component]?.current, case .script = run.stage else {
                continue
            }
            first = min(first ?? run.deadline, run.deadline)
        }
        for leftOver in leftOvers.values {
            guard let killAt = leftOver.killAt else { continue }
            first = min(first ?? killAt, killAt)
        }
        guard let first, first != armed else { return }
        armed = first
        effects.append(.wake(at: first))
    }
}

extension Timeval {
    fileprivate func isBefore(_ other: Timeval) -> Bool {
        (seconds, microseconds) < (other.seconds, other.microseconds)
    }
}

extension EventRequest {
    /// The component that it is about; nil when it names none.
    fileprivate var component: EventText? {
        switch self {
        case .run(let request): request.componentBytes.map(EventText.init)
        case .status(let request): request.componentBytes.map(EventText.init)
        case .script(let request): request.componentBytes.map(EventText.init)
        }
    }
}
