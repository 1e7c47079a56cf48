// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire

/// How the services of a node are, as the event `monitor` finds them: what is news, and what not.
///
/// A script stands for a service: that of its name, without its number.
///
/// | its script | the service |
/// |---|---|
/// | succeeds | healthy |
/// | fails, is not in time or cannot be run | unhealthy |
/// | is disabled; or is there no more, all others having succeeded | disabled |
/// | was not run, since one in front of it failed | is as it was |
///
/// Of scripts of the same service the worst counts.
public struct ServiceStates: Equatable, Sendable {
    /// How a service is.
    public enum State: String, Comparable, Sendable {
        /// Nobody looks.
        case disabled
        /// All is well.
        case healthy
        /// Something is wrong.
        case unhealthy

        /// Orders from those that say least to those that say most.
        public static func < (lhs: Self, rhs: Self) -> Bool { lhs.weight < rhs.weight }

        private var weight: Int {
            switch self {
            case .disabled: 0
            case .healthy: 1
            case .unhealthy: 2
            }
        }
    }

    /// A service is otherwise than it was, or was not known.
    public struct Change: Hashable, Sendable {
        /// Which one.
        public var service: EventText
        /// How it is now.
        public var state: State
        /// The script that says so.
        public var script: EventText
        /// What became of that: as in `EventScriptResult`; 0 when it is there no more.
        public var result: Int32
        /// What it printed.
        public var output: [UInt8]

        /// Describes a change.
        public init(
            service: EventText, state: State, script: EventText, result: Int32, output: [UInt8]
        ) {
            self.service = service
            self.state = state
            self.script = script
            self.result = result
            self.output = output
        }
    }

    private struct Known: Equatable, Sendable {
        var state: State
        var script: EventText
    }

    private var known: [EventText: Known] = [:]
    private var latest: Timeval?

    /// Makes states of which nothing is known.
    public init() {}

    /// Takes how the event `monitor` went.
    ///
    /// - Parameters:
    ///   - status: its scripts; one that is older than what was taken before says nothing.
    ///   - now: the time by the clock of the scripts, which may have been set back.
    /// - Returns: what is otherwise, in the order of the scripts.
    public mutating func take(_ status: EventStatus, now: Timeval) -> [Change] {
        guard let begin = status.scripts.first?.begin else { return [] }
        if let latest, begin.inMicroseconds <= latest.inMicroseconds,
            latest.inMicroseconds <= now.inMicroseconds
        {
            return []
        }
        latest = begin
        var found: [Change] = []
        for one in status.scripts.compactMap(Change.init) {
            if let place = found.firstIndex(where: { $0.service == one.service }) {
                if found[place].state < one.state { found[place] = one }
            } else {
                found.append(one)
            }
        }
        if status.summary == 0 { found += missing(from: found) }
        let changes = found.filter { known[$0.service]?.state != $0.state }
        for one in found { known[one.service] = Known(state: one.state, script: one.script) }
        return changes
    }

    /// The services whose scripts are there no more.
    private func missing(from found: [Change]) -> [Change] {
        known.filter { service, _ in !found.contains { $0.service == service } }
            .sorted { $0.value.script.bytes.lexicographicallyPrecedes($1.value.script.bytes) }
            .map { service, known in
                Change(
                    service: service, state: .disabled, script: known.script, result: 0, output: [])
            }
    }
}

extension ServiceStates.Change {
    /// What a script says of its service; nil when it says nothing.
    init?(_ script: EventScriptResult) {
        let name = EventText(script.nameBytes ?? [])
        guard !name.bytes.isEmpty, script.result != 0 &- EventErrno.cancelled else { return nil }
        let state: ServiceStates.State =
            script.isDisabled ? .disabled : script.result == 0 ? .healthy : .unhealthy
        self.init(
            service: name.service, state: state, script: name, result: script.result,
            output: script.outputBytes ?? [])
    }
}

extension EventText {
    /// The service that a script of this name stands for: what follows two digits and a dot.
    var service: EventText {
        guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")), dot + 1 < bytes.count else {
            return self
        }
        return EventText(Array(bytes[(dot + 1)...]))
    }
}
