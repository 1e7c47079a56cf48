// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// The streams that a program is started with, for programs that wait.
public enum StandardStreams {
    /// Reads from standard input.
    ///
    /// - Parameter limit: the most bytes to read.
    /// - Returns: what is there, waiting for at least one byte; empty at the end.
    /// - Throws: what the kernel answered.
    public static func read(limit: Int = 65_536) throws(SystemError) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: max(1, limit))
        let count = unsafe room.withUnsafeMutableBytes { part in
            unsafe clinux_read(0, part.baseAddress, part.count)
        }
        guard count >= 0 else {
            throw SystemError("read", answer: Int32(truncatingIfNeeded: count))
        }
        return Array(room.prefix(count))
    }

    /// Writes all bytes, waiting as long as it takes.
    ///
    /// - Parameters:
    ///   - bytes: what to write.
    ///   - descriptor: 1 is standard output, 2 standard error.
    /// - Throws: what the kernel answered; a broken pipe ends the process by its signal instead.
    public static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...].withUnsafeBytes { part in
                unsafe clinux_write(descriptor, part.baseAddress, part.count)
            }
            if count == -Int(EAGAIN) {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&wait, 1, -1)
                continue
            }
            guard count >= 0 else {
                throw SystemError("write", answer: Int32(truncatingIfNeeded: count))
            }
            start += count
        }
    }
}
