// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Presentation
import Vocabulary

/// The words that reports use for what is a number on the wire.
enum Describe {
    /// What keeps a node from its work; nothing is `ok`.
    static func words(_ flags: NodeFlags) -> [String] {
        let names: [(NodeFlags, String)] = [
            (.disconnected, "disconnected"), (.unhealthy, "unhealthy"),
            (.permanentlyDisabled, "disabled"), (.banned, "banned"), (.deleted, "deleted"),
            (.stopped, "stopped"),
        ]
        let words = names.filter { flags.contains($0.0) }.map(\.1)
        return words.isEmpty ? ["ok"] : words
    }

    static func tone(_ flags: NodeFlags) -> Row.Tone {
        if flags.isEmpty { return .good }
        return flags.isInactive || flags.contains(.unhealthy) ? .bad : .warning
    }

    static func word(_ state: RunState) -> String {
        switch state {
        case .initialising: "init"
        case .setup: "setup"
        case .firstRecovery: "first_recovery"
        case .startup: "startup"
        case .running: "running"
        case .shutdown: "shutdown"
        case .unknown(let number): "unknown_\(number)"
        }
    }

    static func word(_ mode: RecoveryMode) -> String {
        switch mode {
        case .normal: "normal"
        case .active: "recovery"
        case .unknown(let number): "unknown_\(number)"
        }
    }

    static func words(_ capabilities: Capabilities) -> [String] {
        let names: [(Capabilities, String)] = [
            (.leader, "leader"), (.lmaster, "lmaster"), (.parallelRecovery, "parallel_recovery"),
            (.fragmentedControls, "fragmented_controls"),
        ]
        return names.filter { capabilities.contains($0.0) }.map(\.1)
    }

    static func words(_ flags: DatabaseFlags) -> [String] {
        let names: [(DatabaseFlags, String)] = [
            (.persistent, "persistent"), (.replicated, "replicated"), (.readOnly, "read-only"),
            (.sticky, "sticky"),
        ]
        let words = names.filter { flags.contains($0.0) }.map(\.1)
        return flags.isDisjoint(with: [.persistent, .replicated]) ? ["volatile"] + words : words
    }

    static func node(_ pnn: PNN) -> Value {
        pnn.isNode ? .number(pnn.rawValue) : .none
    }

    /// A moment in UTC, as ISO 8601 writes it; none for the beginning of 1970.
    static func moment(_ time: Timeval) -> Value {
        guard time.seconds > 0, time.seconds < 253_402_300_800 else { return .none }
        let (days, second) = time.seconds.quotientAndRemainder(dividingBy: 86_400)
        return .text(
            "\(CalendarDay(daysAfter1970: days).text)T\(CalendarDay.clock(secondOfDay: second))Z")
    }

    /// A moment in UTC by seconds since 1970.
    static func moment(seconds: Int64) -> Value {
        moment(Timeval(seconds: seconds, microseconds: 0))
    }

    /// Seconds between two moments of one clock; none when that is no sensible number.
    static func seconds(from: Timeval, to: Timeval) -> Value {
        let (seconds, isOver) = to.seconds.subtractingReportingOverflow(from.seconds)
        return isOver || from.seconds <= 0 ? .none : .number(seconds)
    }

    /// The names of ctdbd's log levels, by the numbers that set them.
    static let logLevels: [(number: Int32, name: String)] = [
        (0, "ERROR"), (1, "WARNING"), (3, "NOTICE"), (5, "INFO"), (10, "DEBUG"),
    ]

    /// The name of a log level; numbers in between belong to the next lower one.
    static func logLevel(_ number: Int32) -> Value {
        guard (0...10).contains(number) else { return .none }
        return Value(logLevels.last { $0.number <= number }?.name)
    }
}
