// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// A moment by both clocks: one to wait by, one to tell people.
public struct Moment: Hashable, Sendable {
    /// By the clock that never goes back.
    public var instant: Instant
    /// By the calendar.
    public var calendar: Timeval

    /// Makes a moment.
    public init(instant: Instant, calendar: Timeval) {
        self.instant = instant
        self.calendar = calendar
    }
}

extension EventCore {
    /// Who asked, so that the answer finds its way.
    public struct Asker: Hashable, Sendable {
        /// A connection; a number is never used again.
        public var client: UInt64
        /// Its name for the request.
        public var reqid: Reqid

        /// Names an asker.
        public init(client: UInt64, reqid: Reqid) {
            self.client = client
            self.reqid = reqid
        }
    }

    /// Names one run of an event.
    public struct RunID: Hashable, Sendable {
        /// Counts from 1.
        public var number: UInt64

        /// Makes a name.
        public init(_ number: UInt64) { self.number = number }
    }

    /// Names one start of a script.
    public struct ScriptID: Hashable, Sendable {
        /// Counts from 1.
        public var number: UInt64

        /// Makes a name.
        public init(_ number: UInt64) { self.number = number }
    }

    /// What to start.
    public struct Launch: Hashable, Sendable {
        /// The folder.
        public var component: EventText
        /// The script, without ".script"; what it sees as its own name.
        public var script: EventText
        /// The event and the words that come with it.
        public var arguments: [EventText]

        /// Makes a launch.
        public init(component: EventText, script: EventText, arguments: [EventText]) {
            self.component = component
            self.script = script
            self.arguments = arguments
        }
    }

    /// A run of an event that is wanted.
    public struct Order: Hashable, Sendable {
        /// What has happened.
        public var event: EventText
        /// What scripts get beside it.
        public var words: [EventText]
        /// For all scripts together, from now on; zero is over at once.
        public var timeout: Duration
        /// Whether all scripts run though one fails.
        public var isTolerant: Bool

        /// Makes an order.
        public init(
            event: EventText, words: [EventText], timeout: Duration, isTolerant: Bool = false
        ) {
            self.event = event
            self.words = words
            self.timeout = timeout
            self.isTolerant = isTolerant
        }
    }

    /// How a script came to its end.
    public enum Ending: Hashable, Sendable {
        /// It ended with an exit code.
        case exited(Int32)
        /// A signal ended it.
        case signalled(Int32)
        /// It is not there, not executable, or no program: an errno.
        case refused(errno: Int32)
        /// There was no process for it: an errno.
        case unstartable(errno: Int32)
    }

    /// What there is in a component's folder.
    public enum Listing: Hashable, Sendable {
        /// The scripts in the order in which they run, without ".script".
        case scripts([EventText])
        /// The folder cannot be read: an errno.
        case failed(errno: Int32)
    }

    /// What happens to the daemon.
    public enum Event: Hashable, Sendable {
        /// Somebody asks for something.
        case requested(Asker, EventRequest)
        /// Somebody wants an event to be run; answered like a request for one.
        case ordered(Asker, component: EventText, Order)
        /// Whether a component's folder is there: 0 or an errno.
        case opened(EventText, errno: Int32)
        /// A run's component was read.
        case listed(RunID, Listing)
        /// A script has ended, having printed this; nil for nothing.
        case ended(ScriptID, Ending, output: [UInt8]?)
        /// A script that was given up had printed this; nil for nothing.
        case gaveUp(ScriptID, output: [UInt8]?)
        /// A script that was given up has ended after all.
        case leftOverEnded(ScriptID)
        /// The debug script of a component has ended, having printed this.
        case debugged(component: EventText, ScriptID, output: [UInt8]?)
        /// A script was made to run, or not: 0 or an errno.
        case changed(Asker, errno: Int32)
        /// The moment has come that `.wake` asked for.
        case wake
        /// Settings have changed.
        case configured(EventSettings)
        /// Somebody else has run an event, which went so.
        case remembered(component: EventText, event: EventText, EventStatus)
        /// Nobody waits any more for what a component runs, and it has to end at once.
        case abandoned(EventText)
    }

    /// What the daemon does.
    public enum Effect: Hashable, Sendable {
        /// Looks whether a component's folder is there; answered with `.opened`.
        case open(EventText)
        /// Reads a component's folder; answered with `.listed`.
        case list(RunID, component: EventText)
        /// Starts a script; answered with `.ended`, now or later.
        case start(ScriptID, Launch)
        /// Takes what a script has printed so far and lets it go on unheard; answered with
        /// `.gaveUp`, and with `.leftOverEnded` when it ends.
        case giveUp(ScriptID)
        /// Ends a script and its children at once; nothing more is heard of it.
        case kill(ScriptID)
        /// Asks a script that was given up, and its children, to end.
        case terminate(ScriptID)
        /// Runs the debug script for a script that hangs; answered with `.debugged`.
        case debug(component: EventText, ScriptID, event: EventText)
        /// Makes a script run, or not; answered with `.changed`.
        case setEnabled(Asker, component: EventText, script: EventText, Bool)
        /// Answers a request.
        case reply(Asker, EventReply)
        /// Comes back with `.wake` at this time; an earlier wish is forgotten.
        case wake(at: Instant)
        /// Something to log.
        case note(Note)
    }

    /// What is worth a line in the log.
    public enum Note: Hashable, Sendable {
        /// A run begins.
        case running(event: EventText, words: [EventText])
        /// A script starts.
        case starting(Launch)
        /// What a script printed.
        case output(script: EventText, [UInt8])
        /// A script has ended, with a result as in the status.
        case finished(script: EventText, result: Int32)
        /// An event has run, and is remembered; with the summary of the status.
        case ran(component: EventText, event: EventText, summary: Int32)
        /// A script failed, and its event with it.
        case failed(event: EventText)
        /// A script took too long, and its event with it.
        case timedOut(event: EventText)
        /// A component's folder cannot be read: an errno.
        case unreadable(component: EventText, errno: Int32)
        /// There was no process for a script: an errno.
        case unstartable(script: EventText, errno: Int32)
        /// The debug script starts.
        case debugging(event: EventText)
        /// What the debug script printed.
        case debugOutput([UInt8])
        /// A script that was given up is killed.
        case killing(ScriptID)
        /// A request names no component; the name may be a path.
        case badComponent(EventText)
    }
}

/// What an event daemon is told by its configuration.
public struct EventSettings: Hashable, Sendable {
    /// Whether there is a script to run when another one hangs.
    public var hasDebugScript: Bool
    /// So long after it was given up, a script is killed; nil lets it be, as ever.
    public var killDelay: Duration?
    /// The events of one component whose last run is remembered; the oldest is forgotten first.
    public var historyLimit: Int

    /// Makes settings.
    public init(hasDebugScript: Bool = false, killDelay: Duration? = nil, historyLimit: Int = 256) {
        self.hasDebugScript = hasDebugScript
        self.killDelay = killDelay
        self.historyLimit = historyLimit
    }
}

/// The numbers of errno.h that the event daemon's protocol carries, as Linux has them.
public enum EventErrno {
    /// EINTR: a signal ended a script.
    public static let interrupted: Int32 = 4
    /// ENOENT: there is no such component or script.
    public static let missing: Int32 = 2
    /// ENOEXEC: a script is disabled; as a result, a script failed.
    public static let notExecutable: Int32 = 8
    /// ENOMEM: what the legacy daemon says of an event without a name.
    public static let noMemory: Int32 = 12
    /// EACCES: may not be executed.
    public static let refused: Int32 = 13
    /// EINVAL: the event has never run.
    public static let invalid: Int32 = 22
    /// ENOTCONN: there is no event daemon.
    public static let notConnected: Int32 = 107
    /// ETIMEDOUT: an event took too long.
    public static let timedOut: Int32 = 110
    /// ECANCELED: a monitor event gave way to another event.
    public static let cancelled: Int32 = 125
}
