// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import Sockets

/// Why something about addresses could not be done or told.
public enum AddressFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kernel refused.
    case system(SystemError)
    /// ctdbd refused, or did not answer.
    case legacy(LegacyFailure)
    /// The daemon of this node did not answer, and why.
    case daemon(String)

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .legacy(let failure): "\(failure)"
        case .daemon(let reason): "the daemon of this node does not answer: \(reason)"
        }
    }
}
