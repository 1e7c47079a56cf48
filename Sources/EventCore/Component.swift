// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DequeModule
import LegacyWire
import Vocabulary

/// A run of an event that waits or is under way.
struct EventRun: Equatable, Sendable {
    enum Stage: Equatable, Sendable {
        /// It waits for its turn.
        case queued
        /// The folder is being read.
        case listing
        /// A script runs.
        case script(EventCore.ScriptID)
        /// What the script printed until it was given up is being fetched.
        case givingUp(EventCore.ScriptID)
    }

    let id: EventCore.RunID
    let asker: EventCore.Asker
    let event: EventText
    /// What scripts get beside the event.
    let words: [EventText]
    let deadline: Instant
    /// Whether all scripts run though one fails.
    let isTolerant: Bool
    var stage = Stage.queued
    /// The scripts that there are, in order.
    var scripts: [EventText] = []
    /// Those that have run.
    var results: [EventScriptResult] = []
    var summary: Int32 = 0
    /// When the script that runs was started.
    var begin = Timeval(seconds: 0, microseconds: 0)

    /// The event that everything else is more important than.
    static let monitor: EventText = "monitor"
    var isMonitor: Bool { event == Self.monitor }
}

/// A folder of event scripts, what runs of it, and how its events went.
struct Component: Equatable, Sendable {
    private struct Remembered: Equatable, Sendable {
        var status: EventStatus
        var order: UInt64
    }

    var current: EventRun?
    var waiting: Deque<EventRun> = []
    var isDebugging = false
    private var history: [EventText: Remembered] = [:]
    private var order: UInt64 = 0

    /// How an event went when it last ran to an end.
    func status(of event: EventText) -> EventStatus? { history[event]?.status }

    /// Remembers how an event went, and forgets the oldest when there are too many.
    mutating func remember(_ status: EventStatus, of event: EventText, limit: Int) {
        order &+= 1
        history[event] = Remembered(status: status, order: order)
        while history.count > max(limit, 1) {
            guard let oldest = history.min(by: { $0.value.order < $1.value.order }) else { return }
            history[oldest.key] = nil
        }
    }
}

extension EventCore.Ending {
    /// The result as the status has it: an exit code, or minus an errno.
    ///
    /// A script cannot be told from a failed exec by the legacy daemon, which has its child exit
    /// with 64 and the errno: exit codes from 64 to 254 mean that errno, 64 success, and 77
    /// (EACCES) a disabled script.
    ///
    /// - Source: `run_proc_signal_handler`, ctdb/common/run_proc.c; `run_event_script_status`,
    ///   ctdb/common/run_event.c, Samba 4.17.
    var result: Int32 {
        switch self {
        case .exited(let code) where code >= 64 && code < 255: Self.result(errno: code - 64)
        case .exited(let code): code
        case .signalled: 0 &- EventErrno.interrupted
        case .refused(let errno), .unstartable(let errno): Self.result(errno: errno)
        }
    }

    private static func result(errno: Int32) -> Int32 {
        0 &- (errno == EventErrno.refused ? EventErrno.notExecutable : errno)
    }
}
