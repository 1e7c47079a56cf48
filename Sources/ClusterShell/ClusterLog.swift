// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import Callbacks
import ClusterCore
import Logging
import StageCore

/// Writes notes to the log.
struct ClusterLog {
    let log: Logger
    private var isWaiting = false

    init(_ log: Logger) { self.log = log }

    mutating func write(_ note: ObserverCore.Note) {
        switch note {
        case .waitingForLegacy(let reason):
            // Said once, not at each try.
            if !isWaiting { log.warning("waiting for ctdbd: \(reason)") }
            isWaiting = true
        case .attached(let pnn):
            isWaiting = false
            log.notice("attached to ctdbd as node \(pnn)")
        case .legacySilent: log.warning("ctdbd does not answer; connecting again")
        case .malformed(let what): log.warning("dropped a packet of ctdbd: \(what)")
        case .stagesUnreadable(let problem): log.error("the stages cannot be read: \(problem)")
        case .reversing(let function, let reason): log.error("reversing \(function): \(reason)")
        case .reversed(let function, let reason):
            log.notice("\(function) is reversed: \(reason)")
        case .notReversed(let function, let reason):
            log.error("\(function) could not be reversed: \(reason)")
        case .killing(let function, let pid):
            log.error("killing \(function.program), process \(pid), which does not answer")
        }
    }

    func write(_ note: Callbacks.Note) {
        switch note {
        case .core(.changed(let change, let before)):
            let from = before.map { ", before \($0)" } ?? ""
            log.info("\(change.topic.name) \(change.subject) is \(change.state)\(from)")
        case .core(.failed(let name, let subject, let problem, let isGivenUp)):
            log.warning(
                """
                callback \(name) failed for \(subject.topic.name) \(subject.name): \(problem)\
                \(isGivenUp ? "; given up" : "; it is run again")
                """)
        case .core(.forgotten(let subject)):
            log.warning("too many subjects: \(subject.topic.name) \(subject.name) is forgotten")
        case .notRestored(let failure):
            log.warning("callbacks are told everything anew: \(failure)")
        case .notSaved(let failure): log.error("what callbacks were told is not kept: \(failure)")
        }
    }
}
