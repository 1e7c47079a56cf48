// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Sockets
import Vocabulary

/// What came of a control that was not sent to ctdbd.
public enum DetourOutcome: Equatable, Sendable {
    /// The answer that ctdbd would have given.
    case answered(ReplyControl)
    /// It is ctdbd's to answer after all.
    case declined
    /// There is no answer.
    case failed(LegacyFailure.Cause)
}

/// Answers controls in place of ctdbd, on nodes where another daemon has their function.
public protocol ControlDetour: AnyObject {
    /// Takes a control, or leaves it to ctdbd.
    ///
    /// - Parameters:
    ///   - control: what is asked.
    ///   - node: who is asked.
    ///   - isLocal: whether that is the node of this process.
    ///   - deadline: when nobody waits for the answer any more.
    ///   - loop: turns until the answer is there.
    ///   - completion: called once, now or later, when the control was taken.
    /// - Returns: whether it was taken.
    func take(
        _ control: RequestControl, of node: PNN, isLocal: Bool, until deadline: Instant,
        on loop: EventLoop, completion: @escaping (DetourOutcome) -> Void
    ) -> Bool

    /// Nobody waits for anything now: what was not answered is forgotten.
    func rest()
}
