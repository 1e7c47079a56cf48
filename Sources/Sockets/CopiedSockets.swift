// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// Copies of the sockets by which another process serves a path.
///
/// They are the very same sockets: what one of the two processes takes from one, the other does not
/// get. They stay open in the other process when the copies are closed.
public struct CopiedSockets {
    /// What accepts connections; nil when the process has none for the path.
    public var listener: StreamListener?
    /// The connections that it has accepted.
    public var connections: [StreamSocket] = []

    /// Copies the sockets of a process that this process may trace.
    ///
    /// - Parameters:
    ///   - process: whose.
    ///   - path: where it serves.
    /// - Throws: what the kernel answered.
    public init(of process: ProcessWatch, servingAt path: String) throws(SystemError) {
        for number in try ProcessFacts(pid: process.pid).sockets() {
            let copy = try process.copyDescriptor(number)
            var kind = clinux_socket_kind()
            let answer = unsafe clinux_socket_kind(copy.number, &kind)
            guard answer == 0, kind.is_unix_stream != 0, Self.path(of: kind) == path else {
                continue
            }
            if kind.is_listening != 0 {
                listener = StreamListener(copied: copy, path: path)
            } else {
                connections.append(StreamSocket(copy, path: path))
            }
        }
    }

    private static func path(of kind: clinux_socket_kind) -> String {
        var kind = kind
        return unsafe withUnsafeBytes(of: &kind.path) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
