// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A file to which lines are appended, each with one system call.
///
/// What cannot be written is lost: nobody waits for a disk that is full.
public final class AppendedFile {
    /// Where it is.
    public let path: String
    private var descriptor: FileDescriptor

    /// Opens the file, and makes it when it is missing.
    public init(path: String) throws(SystemError) {
        self.path = path
        descriptor = try Self.open(path)
    }

    /// Opens the file again, after somebody has moved the old one away.
    public func reopen() throws(SystemError) { descriptor = try Self.open(path) }

    /// Appends bytes.
    public func append(_ bytes: [UInt8]) {
        let number = descriptor.number
        _ = unsafe bytes.withUnsafeBytes { part in
            unsafe clinux_write(number, part.baseAddress, part.count)
        }
    }

    private static func open(_ path: String) throws(SystemError) -> FileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY
        let number = unsafe Glibc.open(path, flags, 0o644)
        guard number >= 0 else { throw SystemError(call: "open", path: path, errno: errno) }
        return FileDescriptor(owning: number)
    }
}

/// The syslog port of this machine, by UDP; what nobody receives is lost.
public final class SyslogPort {
    private let descriptor: FileDescriptor

    /// Makes a socket.
    public init() throws(SystemError) {
        descriptor = try FileDescriptor(clinux_local_port(514), "connect", "port 514")
    }

    /// Sends a datagram.
    public func send(_ bytes: [UInt8]) {
        let number = descriptor.number
        _ = unsafe bytes.withUnsafeBytes { part in
            unsafe clinux_send(number, part.baseAddress, part.count)
        }
    }
}

/// A moment by the clock and time zone of this machine.
public struct LocalTime: Hashable, Sendable {
    /// Microseconds since the beginning of 1970 in UTC.
    public let microseconds: UInt64

    /// Reads the clock.
    public init() { microseconds = clinux_clock(CLOCK_REALTIME) / 1000 }

    /// Takes a moment.
    public init(microseconds: UInt64) { self.microseconds = microseconds }

    /// Whole seconds since 1970.
    public var seconds: Int64 { Int64(clamping: microseconds / 1_000_000) }
    /// Microseconds into the second.
    public var fraction: Int64 { Int64(microseconds % 1_000_000) }

    /// RFC 3339 with microseconds and the offset from UTC: `2026-11-22T22:28:49.318317+00:00`.
    public var text: String {
        let parts = clinux_calendar_of(seconds)
        func digits(_ number: Int64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let date = [(parts.year, 4), (parts.month, 2), (parts.day, 2)]
        let time = [parts.hour, parts.minute, parts.second]
        let offset = parts.offset.magnitude / 60
        return date.map { digits(Int64($0.0), $0.1) }.joined(separator: "-") + "T"
            + time.map { digits(Int64($0), 2) }.joined(separator: ":") + "."
            + digits(fraction, 6) + (parts.offset < 0 ? "-" : "+")
            + digits(Int64(offset / 60), 2) + ":" + digits(Int64(offset % 60), 2)
    }
}

extension ProcessEnvironment {
    /// The name of this machine; "localhost" when it has none.
    public static var hostName: String {
        var room = [CChar](repeating: 0, count: 256)
        let answer = unsafe room.withUnsafeMutableBufferPointer { part in
            guard let start = part.baseAddress else { return Int32(-1) }
            return unsafe gethostname(start, part.count - 1)
        }
        let name = room.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return answer == 0 && !name.isEmpty ? String(decoding: name, as: UTF8.self) : "localhost"
    }

    /// Keeps the end of a pipe from ending this process; its children get the signal as ever.
    public static func blockBrokenPipeSignal() { _ = clinux_block_signal(SIGPIPE) }

    /// The descriptors that this process may have open.
    public static var descriptorLimit: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1024
        }
        return Int(clamping: limit.rlim_cur)
    }
}
