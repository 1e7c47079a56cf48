// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import Presentation
import Sockets
import Vocabulary

extension LegacyFailure {
    /// That a node was not asked, since there is no link to it.
    static func disconnected(_ node: PNN, _ opcode: ControlOpcode) -> LegacyFailure {
        LegacyFailure(.refused(status: -1, reason: "disconnected"), opcode: opcode, node: node)
    }

    /// Whether ctdbd, or this program, says that there is no link to the node.
    var isDisconnected: Bool {
        guard case .refused(_, let reason) = cause else { return false }
        return reason == "disconnected" || reason.contains("to disconnected node")
    }

    /// Whether it looks like the answer to a control that some releases do not have.
    var mayBeUnknown: Bool { cause == .refused(status: -1, reason: "") && opcode?.releases != nil }
}

/// Failures of the legacy client, as problems that say what to do.
enum Failures {
    /// A problem.
    ///
    /// - Parameters:
    ///   - failure: what happened.
    ///   - what: what was tried; nil is the control.
    ///   - socket: where ctdbd was looked for.
    ///   - release: the release of the node's ctdbd, where it is known.
    /// - Returns: the problem.
    static func problem(
        _ failure: LegacyFailure, _ what: String? = nil, socket: String? = nil,
        release: String? = nil
    ) -> Problem {
        let node = failure.node.flatMap { $0.isNode ? $0.rawValue : nil }
        let tried = what ?? failure.opcode.map { "\($0)" } ?? "ask ctdbd"
        if failure.mayBeUnknown, let lack = lack(failure, release) {
            return Problem(.failed, node: node, tried, lack.why, advice: lack.advice)
        }
        switch failure.cause {
        case .notConnected(let error): return notConnected(error, socket)
        case .noConnection(LegacySession.interrupted):
            return Problem(.failed, node: node, tried, LegacySession.interrupted)
        case .noConnection(let reason):
            return Problem(
                .notConnected, node: node, tried, reason,
                advice: "look at ctdbd's log for why it ended")
        case .timedOut:
            return Problem(
                .timedOut, node: node, tried, "no answer in time",
                advice: "look whether the node is cut off or busy; --timeout waits longer")
        case .refused where failure.isDisconnected:
            return Problem(
                .failed, node: node, tried, "the node is disconnected",
                advice: Context.adviceWhenDisconnected)
        case .refused(let status, let reason):
            return Problem(
                .failed, node: node, tried,
                reason.isEmpty ? "refused with status \(status)" : reason,
                advice: reason.isEmpty ? "ctdbd's log on that node says why" : nil)
        case .unreadable(let error):
            return Problem(
                .failed, node: node, tried, "the answer cannot be read: \(error)",
                advice: "the node runs another version of ctdbd, or the answer was damaged")
        case .unexpected:
            return Problem(.failed, node: node, tried, "the answer is none to this question")
        case .unwritable(let error):
            return Problem(.usage, node: node, tried, "cannot be asked: \(error)")
        case .unreached(let daemon, let reason, let advice):
            return Problem(
                .failed, node: node, tried, "\(daemon) cannot be asked: \(reason)",
                advice: advice)
        }
    }

    /// That a node's release does not have a control; nil when it has, and refused all the same.
    ///
    /// When nobody can tell the release, both may be.
    private static func lack(
        _ failure: LegacyFailure, _ release: String?
    ) -> (why: String, short: String, advice: String)? {
        guard let releases = failure.opcode?.releases else { return nil }
        guard let release, let minor = DaemonRelease.minor(release) else {
            return (
                "refused without a reason, as what is not supported by ctdbd \(releases)",
                "not supported by ctdbd \(releases)",
                "look which release of ctdbd that node runs, or at its log"
            )
        }
        guard failure.opcode?.isKnown(in: minor) == false else { return nil }
        let place = failure.node.map { " on node \($0)" } ?? ""
        let text = "not supported by ctdbd \(release)"
        return (text + place, text, "it is not supported \(releases)")
    }

    private static func notConnected(_ error: SystemError, _ socket: String?) -> Problem {
        let advice =
            if error.isMissingFile || error.isRefusedConnection {
                "ctdbd does not run on this node: systemctl start ctdb; "
                    + "CTDB_SOCKET or --socket names another socket"
            } else if error.isForbidden {
                "only root may talk to ctdbd: use sudo"
            } else {
                error.advice ?? "CTDB_SOCKET or --socket names another socket"
            }
        return Problem(
            .notConnected, "connect to ctdbd at \(socket ?? error.path ?? "its socket")",
            error.reason, advice: advice)
    }

    /// Why a row has no answer, in a few words.
    static func short(_ failure: LegacyFailure, release: String? = nil) -> String {
        if failure.mayBeUnknown, let lack = lack(failure, release) { return lack.short }
        return switch failure.cause {
        case .timedOut: "no answer"
        case .refused where failure.isDisconnected: "disconnected"
        case .refused(let status, let reason):
            reason.isEmpty ? "refused (status \(status))" : reason
        case .noConnection, .notConnected: "no connection"
        case .unreadable(let error): "unreadable answer: \(error)"
        case .unexpected: "wrong answer"
        case .unwritable(let error): "cannot be asked: \(error)"
        case .unreached(let daemon, let reason, _): "\(daemon): \(reason)"
        }
    }
}
