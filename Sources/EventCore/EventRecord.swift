// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// What somebody else made of an event, and all that is needed to decide about it here again.
public struct EventRecord: Equatable, Sendable {
    /// A script in the folder.
    public struct Script: Hashable, Sendable {
        /// Its name, without ".script".
        public var name: EventText
        /// Whether it runs.
        public var isEnabled: Bool

        /// Describes a script.
        public init(name: EventText, isEnabled: Bool) {
            self.name = name
            self.isEnabled = isEnabled
        }
    }

    /// A field in which two decisions differ.
    public struct Difference: Hashable, Sendable {
        /// Which field: scripts, disabled, result, summary, answer or output.
        public var field: String
        /// What the other one decided.
        public var legacy: String
        /// What is decided here.
        public var own: String
    }

    /// What is made of an event.
    public struct Decision: Hashable, Sendable {
        /// The scripts and what became of each, as `ctdb event status` has it.
        public var status: EventStatus
        /// What who has asked is told: 0 or an errno.
        public var answer: Int32
    }

    /// The folder of the scripts.
    public var component: EventText
    /// What has happened.
    public var event: EventText
    /// For all scripts together; nil when it is not known.
    public var timeout: Duration?
    /// The scripts that there are, in any order.
    public var scripts: [Script]
    /// What the other one made of it.
    public var status: EventStatus
    /// The most bytes that are kept here of what one script prints.
    public var outputLimit: Int

    /// Describes what somebody else made of an event.
    public init(
        component: EventText, event: EventText, timeout: Duration?, scripts: [Script],
        status: EventStatus, outputLimit: Int
    ) {
        self.component = component
        self.event = event
        self.timeout = timeout
        self.scripts = scripts
        self.status = status
        self.outputLimit = outputLimit
    }

    /// Whether the scripts took so long, or so short a time, that the event must have been run with
    /// another timeout than the one that is known: then there is nothing to compare.
    public var contradictsTimeout: Bool {
        guard let timeout, let first = status.scripts.first, let last = status.scripts.last else {
            return false
        }
        // The time runs from the request on, which is a little before the first script begins.
        let elapsed = first.begin.microseconds(until: last.end)
        let limit = timeout.components.seconds * 1_000_000
        return status.scripts.contains { $0.isLate } && elapsed < limit - 2_000_000
    }

    /// The fields in which what the other one made of it differs from what is made of it here.
    public var differences: [Difference] {
        let own = decide()
        var found: [Difference] = []
        func compare(_ field: String, _ legacy: String, _ own: String) {
            if legacy != own { found.append(Difference(field: field, legacy: legacy, own: own)) }
        }
        compare("scripts", names(status.scripts), names(own.status.scripts))
        compare(
            "disabled", names(status.scripts.filter(\.isDisabled)),
            names(own.status.scripts.filter(\.isDisabled)))
        for script in status.scripts {
            guard let other = own.status.scripts.first(where: { $0.nameBytes == script.nameBytes })
            else { continue }
            let name = script.name ?? ""
            compare("result", "\(name) \(script.result)", "\(name) \(other.result)")
            // The output itself is no decision; how much of it is kept is one.
            compare(
                "output", "\(name) \(script.outputBytes?.count ?? 0) bytes",
                "\(name) \(other.outputBytes?.count ?? 0) bytes")
        }
        compare("summary", "\(status.summary)", "\(own.status.summary)")
        compare("answer", "\(EventCore.answer(to: status.summary))", "\(own.answer)")
        return found
    }

    private func names(_ scripts: [EventScriptResult]) -> String {
        scripts.map { EventText($0.nameBytes ?? []).description }.joined(separator: " ")
    }

    // MARK: Deciding

    /// Decides about the event again: the scripts come to the end that they came to.
    public func decide() -> Decision {
        var rehearsal = Rehearsal(of: self)
        return rehearsal.decide()
    }
}

extension EventScriptResult {
    /// Whether it was not run, being disabled.
    var isDisabled: Bool { result == 0 &- EventErrno.notExecutable }
    /// Whether it was given up.
    var isLate: Bool { result == 0 &- EventErrno.timedOut }
}

extension Timeval {
    /// Makes a moment of microseconds since 1970.
    init(inMicroseconds count: Int64) {
        self.init(seconds: count / 1_000_000, microseconds: count % 1_000_000)
    }

    /// The microseconds since 1970; 0 for a moment that is none.
    package var inMicroseconds: Int64 {
        let (product, isTooMuch) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isMore) = product.addingReportingOverflow(microseconds)
        return isTooMuch || isMore ? 0 : sum
    }

    /// The microseconds from this moment to another one; never negative.
    package func microseconds(until other: Timeval) -> Int64 {
        let (count, isTooMuch) = other.inMicroseconds.subtractingReportingOverflow(inMicroseconds)
        return isTooMuch ? 0 : max(0, count)
    }
}

/// An event core that is led through an event whose scripts have run already.
private struct Rehearsal {
    private let record: EventRecord
    private var core = EventCore()
    private var start: Timeval
    private var answer: Int32 = EventErrno.invalid
    /// What the core has not been told yet.
    private var events: [(EventCore.Event, Timeval)] = []
    /// The script that is given up.
    private var pending: EventScriptResult?

    init(of record: EventRecord) {
        self.record = record
        start = record.status.scripts.first?.begin ?? Timeval(seconds: 0, microseconds: 0)
    }

    mutating func decide() -> EventRecord.Decision {
        let asker = EventCore.Asker(client: 1, reqid: Reqid(rawValue: 1))
        // Without a known timeout it was long enough for what was not late.
        let timeout = record.timeout ?? late.map { .microseconds($0) } ?? .seconds(86_400)
        let order = EventCore.Order(
            event: record.event, words: [], timeout: timeout, isTolerant: isTolerant)
        events = [(.ordered(asker, component: record.component, order), start)]
        var index = 0
        while index < events.count {
            let (event, time) = events[index]
            for effect in core.handle(event, at: moment(time)) { follow(effect, time) }
            index += 1
        }
        return EventRecord.Decision(
            status: core.status(of: record.event, in: record.component)
                ?? EventStatus(summary: 0, scripts: []), answer: answer)
    }

    /// Whether scripts ran behind one that failed, which they do when somebody asks for that.
    private var isTolerant: Bool {
        record.status.scripts.dropLast().contains { $0.result != 0 && !$0.isDisabled }
    }

    /// When the script that was given up was given up.
    private var late: Int64? {
        record.status.scripts.first { $0.isLate }.map { start.microseconds(until: $0.end) }
    }

    private mutating func go(on event: EventCore.Event, at time: Timeval) {
        events.append((event, time))
    }

    private func moment(_ time: Timeval) -> Moment {
        Moment(
            instant: Instant(nanoseconds: 0).advanced(
                by: .microseconds(start.microseconds(until: time))), calendar: time)
    }

    private mutating func follow(_ effect: EventCore.Effect, _ time: Timeval) {
        switch effect {
        case .open(let component): go(on: .opened(component, errno: 0), at: time)
        case .list(let run, _):
            let names = record.scripts.map(\.name)
                .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            go(on: .listed(run, .scripts(names)), at: time)
        case .start(let script, let launch): end(script, launch.script, time)
        case .giveUp(let script):
            go(on: .gaveUp(script, output: output(pending)), at: pending?.end ?? time)
        case .reply(_, .run(let result)): answer = result
        case .reply, .kill, .terminate, .debug, .setEnabled, .wake, .note: break
        }
    }

    private mutating func end(_ script: EventCore.ScriptID, _ name: EventText, _ time: Timeval) {
        guard record.scripts.first(where: { $0.name == name })?.isEnabled == true else {
            let ending = EventCore.Ending.refused(errno: EventErrno.refused)
            return go(on: .ended(script, ending, output: nil), at: time)
        }
        guard let known = record.status.scripts.first(where: { $0.nameBytes == name.bytes }) else {
            // It never ran, so that nobody knows what would have become of it.
            return go(on: .ended(script, .exited(0), output: nil), at: time)
        }
        if known.isLate {
            pending = known
            return go(on: .wake, at: known.end)
        }
        go(on: .ended(script, known.ending, output: output(known)), at: known.end)
    }

    private func output(_ script: EventScriptResult?) -> [UInt8]? {
        guard let bytes = script?.outputBytes else { return nil }
        return Array(bytes.prefix(record.outputLimit))
    }
}

extension EventScriptResult {
    /// What must have become of a script that has such a result.
    fileprivate var ending: EventCore.Ending {
        switch result {
        case 0 &- EventErrno.interrupted: .signalled(9)
        case ..<0: .refused(errno: 0 &- result)
        default: .exited(result)
        }
    }
}
