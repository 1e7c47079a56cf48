// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc

/// One of the three streams that a process is born with.
public enum StandardStream: Int32, Sendable {
    /// Where commands and lists come from.
    case input = 0
    /// Where answers go.
    case output = 1
    /// Where complaints go.
    case error = 2

    /// Whether it is a terminal.
    public var isTerminal: Bool { isatty(rawValue) == 1 }

    /// The columns of the terminal; nil when it is none or does not say.
    public var width: Int? {
        var size = winsize()
        guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    /// Writes all of a text.
    ///
    /// - Returns: false when nobody reads any more, or the disk is full.
    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Writes all of some bytes.
    ///
    /// - Returns: false when nobody reads any more, or the disk is full.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool { writeAll(bytes) == 0 }

    /// Writes all of some bytes.
    ///
    /// - Returns: 0, or the error number of what went wrong.
    public func writeAll(_ bytes: [UInt8]) -> Int32 {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { whole in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: whole[done...])
                return unsafe Glibc.write(rawValue, rest.baseAddress, rest.count)
            }
            if count > 0 {
                done += count
            } else if errno == EAGAIN {
                wait(for: POLLOUT)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// Reads what there is, and waits when there is nothing.
    ///
    /// - Returns: at most `limit` bytes; none at the end, or when it cannot be read.
    public func read(limit: Int) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: limit)
        while true {
            let count = unsafe room.withUnsafeMutableBytes { room in
                unsafe Glibc.read(rawValue, room.baseAddress, room.count)
            }
            if count >= 0 { return Array(room.prefix(count)) }
            if errno == EAGAIN { wait(for: POLLIN) } else if errno != EINTR { return [] }
        }
    }

    /// Whether there is something to read, or the end, within a time.
    public func isReadable(withinMilliseconds limit: Int32) -> Bool {
        var poller = pollfd(fd: rawValue, events: Int16(truncatingIfNeeded: POLLIN), revents: 0)
        return unsafe poll(&poller, 1, limit) > 0
    }

    private func wait(for event: Int32) {
        var poller = pollfd(fd: rawValue, events: Int16(truncatingIfNeeded: event), revents: 0)
        _ = unsafe poll(&poller, 1, -1)
    }

    /// Waits, which a signal may end early.
    public static func pause(milliseconds: Int32) {
        _ = poll(nil, 0, milliseconds)
    }
}
