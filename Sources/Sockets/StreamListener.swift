// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A Unix stream socket at a path, to which others connect.
///
/// Its file is made with mode 0600 and goes away with the listener.
public final class StreamListener {
    /// What a call to accept came to.
    public enum Accepted {
        /// Somebody has connected.
        case connection(StreamSocket)
        /// Nobody is waiting.
        case empty
        /// The kernel refused; the listener still works.
        case failed(SystemError)
    }

    /// The path that others connect to.
    public let path: String
    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    /// What the path was bound to; nil for somebody else's listener.
    private let file: clinux_file?

    /// Makes a listener; a socket file that nobody listens on any more is replaced.
    ///
    /// - Parameters:
    ///   - path: where; at most `UnixPath.byteLimit` bytes.
    ///   - backlog: how many may wait to be accepted.
    /// - Throws: `EADDRINUSE` when somebody listens there, or something else is there.
    public init(boundTo path: String, backlog: Int32 = 128) throws(SystemError) {
        let bound = try UnixPath.bind(path, type: SOCK_STREAM)
        descriptor = bound.descriptor
        file = bound.file
        self.path = path
        guard listen(descriptor.number, backlog) == 0 else {
            throw SystemError(call: "listen", path: path, errno: errno)
        }
    }

    /// Takes over a copy of another process's listener, whose file stays.
    init(copied descriptor: FileDescriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
        file = nil
    }

    deinit { if let file { UnixPath.unlinkIfSame(path, as: file) } }

    /// Takes one connection, if somebody waits.
    public func accept() -> Accepted {
        let answer = clinux_accept(descriptor.number)
        guard answer < 0 else {
            return .connection(StreamSocket(FileDescriptor(owning: answer), path: path))
        }
        switch 0 &- answer {
        case EAGAIN, ECONNABORTED: return .empty
        default: return .failed(SystemError("accept", path, answer: answer))
        }
    }
}
