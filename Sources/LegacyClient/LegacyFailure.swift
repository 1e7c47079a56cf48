// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets
import Vocabulary

/// Why ctdbd did not do what it was asked, and where.
public struct LegacyFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Cause: Equatable, Sendable {
        /// There is no connection to the local ctdbd, or it broke.
        case noConnection(String)
        /// The socket cannot be connected to.
        case notConnected(SystemError)
        /// No answer came in time.
        case timedOut
        /// ctdbd answered with a failure: its status, and its reason, which is mostly empty.
        case refused(status: Int32, reason: String)
        /// The answer cannot be read.
        case unreadable(WireError)
        /// The answer can be read, and is none to what was asked.
        case unexpected
        /// The question cannot be written.
        case unwritable(WireError)
        /// Another daemon has the function there, and cannot be asked: who, why, and what to do.
        case unreached(daemon: String, reason: String, advice: String)
    }

    /// What went wrong.
    public var cause: Cause
    /// What was asked; nil when nothing was.
    public var opcode: ControlOpcode?
    /// The node that was asked.
    public var node: PNN?

    /// Makes a failure.
    public init(_ cause: Cause, opcode: ControlOpcode? = nil, node: PNN? = nil) {
        self.cause = cause
        self.opcode = opcode
        self.node = node
    }

    /// What was asked, which node, and what went wrong.
    public var description: String {
        let text =
            switch cause {
            case .noConnection(let reason): reason
            case .notConnected(let error): "\(error)"
            case .timedOut: "no answer in time"
            case .refused(let status, let reason):
                reason.isEmpty ? "refused with status \(status)" : "refused: \(reason)"
            case .unreadable(let error): "the answer cannot be read: \(error)"
            case .unexpected: "the answer is none to this control"
            case .unwritable(let error): "cannot be asked: \(error)"
            case .unreached(let daemon, let reason, _): "\(daemon) cannot be asked: \(reason)"
            }
        guard let opcode, let node else { return text }
        return "\(opcode) on node \(node.rawValue): \(text)"
    }
}
