// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Sockets

/// Why a capture file can not be read or written.
public enum CaptureFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kernel refused.
    case system(SystemError)
    /// What is in the file, or was to be written, is not right.
    case capture(CaptureError, path: String)

    /// One line for people.
    public var description: String {
        switch self {
        case .system(let error): error.description
        case .capture(let error, let path): "\(path): \(error)"
        }
    }
}
