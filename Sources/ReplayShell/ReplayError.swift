// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CaptureShell
import LegacyClient
import LegacyWire
import Sockets

/// Why a capture is not played.
public enum ReplayError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file cannot be read, or a sample not written.
    case file(CaptureFileError)
    /// The daemon does not answer what has to be known before the play.
    case daemon(LegacyFailure)
    /// The kernel refused.
    case system(SystemError)
    /// The packets were written by a machine that has another order of bytes or size of words.
    case foreignLayout
    /// There is no conversation of a client in the file.
    case noConversation

    /// One line for people.
    public var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .daemon(let failure): "\(failure)"
        case .system(let error): "\(error)"
        case .foreignLayout: "its packets were written by a machine with another layout of bytes"
        case .noConversation: "no client of ctdbd says anything in it"
        }
    }
}
