// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A Unix datagram socket at a path, on which a process receives.
///
/// Its file is made with mode 0600 and goes away with the socket.
public final class DatagramSocket {
    /// What a call to receive came to.
    public enum Received: Equatable, Sendable {
        /// One datagram, which may have no bytes, and who sent it.
        case datagram(bytes: [UInt8], credentials: Credentials)
        /// Nothing is waiting.
        case empty
        /// A datagram was larger than the scratch buffer and is gone.
        case truncated(byteCount: Int, credentials: Credentials)
        /// The kernel refused; the socket may still work.
        case failed(SystemError)
    }

    /// The path that senders connect to.
    public let path: String
    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    private let file: clinux_file?
    /// Whether the last datagram was so large that the next one gets an array without a copy.
    private var expectsLarge = false
    private static let large = 16_384

    /// Makes a socket that others can send to.
    ///
    /// A socket file that nobody listens on any more is replaced.
    ///
    /// - Parameter path: where; at most `UnixPath.byteLimit` bytes.
    /// - Throws: `EADDRINUSE` when somebody listens there, or something else is there.
    public init(boundTo path: String) throws(SystemError) {
        (descriptor, file) = try UnixPath.bind(path, type: SOCK_DGRAM)
        self.path = path
    }

    /// Makes a socket with an abstract name, which has no file and which anybody can send to.
    package init(boundToAbstract name: String) throws(SystemError) {
        try UnixPath.check(name, call: "bind")
        let kind = Int32(bitPattern: SOCK_DGRAM.rawValue)
        descriptor = try FileDescriptor(clinux_unix_socket(kind), "socket", name)
        path = name
        file = nil
        let passed = clinux_set_option(descriptor.number, SO_PASSCRED, 1)
        guard passed == 0 else {
            throw SystemError("setsockopt SO_PASSCRED", name, answer: passed)
        }
        let answer = unsafe clinux_unix_bind(descriptor.number, name, 1)
        guard answer == 0 else { throw SystemError("bind", name, answer: answer) }
    }

    deinit {
        if let file { UnixPath.unlinkIfSame(path, as: file) }
    }

    /// Takes one datagram, if there is one, with one system call and at most one copy.
    ///
    /// Descriptors that somebody sent along are dropped.
    ///
    /// - Parameter scratch: room for the largest datagram that is welcome; reused by every call.
    /// - Returns: the datagram in an array of its own, or why there is none.
    public func receive(into scratch: inout [UInt8]) -> Received {
        var about = clinux_datagram()
        let number = descriptor.number
        var count = 0
        var bytes: [UInt8] = []
        if expectsLarge {
            let capacity = scratch.count
            bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, filled in
                count = unsafe clinux_receive(number, room.baseAddress, capacity, &about)
                filled = max(0, min(count, capacity))
            }
            if count < Self.large { bytes = Array(bytes[...]) }
        } else {
            count = unsafe scratch.withUnsafeMutableBytes { room in
                unsafe clinux_receive(number, room.baseAddress, room.count, &about)
            }
            if count > 0 { bytes = Array(scratch[..<min(count, scratch.count)]) }
        }
        guard count >= 0 else {
            if count == -Int(EAGAIN) { return .empty }
            return .failed(
                SystemError("recvmsg", path, answer: Int32(truncatingIfNeeded: count)))
        }
        expectsLarge = count >= Self.large
        let sender =
            about.has_credentials == 0 ? .unknown : Credentials(about.credentials)
        guard about.truncated == 0, count <= scratch.count else {
            return .truncated(byteCount: count, credentials: sender)
        }
        return .datagram(bytes: bytes, credentials: sender)
    }
}
