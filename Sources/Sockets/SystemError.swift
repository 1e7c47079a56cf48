// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc

/// Why the kernel refused something, and what it was asked.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system call that failed, or that would have failed.
    public var call: String
    /// The file or socket that it was about, where there is one.
    public var path: String?
    /// The error number, as in errno.h.
    public var errno: Int32
    /// What is wrong in particular, and what the operator can do.
    public var advice: String?

    /// Whether the file is not there.
    public var isMissingFile: Bool { errno == ENOENT }

    /// Whether nobody listens on the socket.
    public var isRefusedConnection: Bool { errno == ECONNREFUSED }

    /// Whether it would have had to wait, as for a listener that has enough who wait.
    public var isFullQueue: Bool { errno == EAGAIN }

    /// Whether there is no such process.
    public var isMissingProcess: Bool { errno == ESRCH }

    /// Whether another process has the lock that was asked for.
    public var isLocked: Bool { errno == EWOULDBLOCK && call == "flock" }

    /// Whether an address has another owner already.
    public var isInUse: Bool { errno == EADDRINUSE }

    /// Whether this user may not do it.
    public var isForbidden: Bool { errno == EACCES || errno == EPERM }

    /// Whether the kernel does not know the call.
    public var isUnknownCall: Bool { errno == ENOSYS }

    /// Makes an error.
    public init(call: String, path: String? = nil, errno: Int32, advice: String? = nil) {
        self.call = call
        self.path = path
        self.errno = errno
        self.advice = advice
    }

    /// Makes an error of the negative number that a wrapped call answers.
    init(_ call: String, _ path: String? = nil, answer: Int32) {
        self.init(call: call, path: path, errno: 0 &- answer)
    }

    /// This is not for whoever asks.
    public static func forbidden(_ call: String, _ path: String) -> SystemError {
        SystemError(call: call, path: path, errno: EACCES)
    }

    /// Somebody else has it already.
    public static func busy(_ call: String, _ path: String) -> SystemError {
        SystemError(call: call, path: path, errno: EBUSY)
    }

    /// The kernel's words for the error number.
    public var reason: String {
        guard let text = unsafe strerror(errno) else { return "error \(errno)" }
        return unsafe String(cString: text)
    }

    /// One line for logs: call, path, reason and number, then the advice.
    public var description: String {
        let place = path.map { " \($0)" } ?? ""
        let more = advice.map { ": \($0)" } ?? ""
        return "\(call)\(place): \(reason) (errno \(errno))\(more)"
    }
}

extension SystemError {
    /// The time for it is over: `ETIMEDOUT`.
    public static let timedOut = ETIMEDOUT
    /// There is no room for it: `ENOBUFS`.
    public static let noBufferSpace = ENOBUFS
    /// It makes no sense: `EINVAL`.
    public static let invalidArgument = EINVAL
    /// It is there already: `EEXIST`.
    public static let exists = EEXIST
    /// There is no such address here: `EADDRNOTAVAIL`.
    public static let addressNotAvailable = EADDRNOTAVAIL
    /// There is no such thing: `ENOENT`.
    public static let noEntry = ENOENT
    /// There is no such device: `ENODEV`.
    public static let noDevice = ENODEV
}
