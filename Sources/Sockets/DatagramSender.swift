// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A socket that sends datagrams to one path.
///
/// It keeps nothing: whoever gets `.full` waits for the descriptor to become writable, which it
/// does when the receiver has taken something. Whoever gets `.gone` makes a new sender later.
public final class DatagramSender {
    /// What became of a datagram.
    public enum Outcome: Equatable, Sendable {
        /// The receiver's queue has it.
        case sent
        /// The receiver's queue or this socket's buffer is full; nothing was sent.
        case full
        /// Nobody receives there any more.
        case gone(errno: Int32)
        /// The kernel will never take a datagram of this size.
        case tooLarge
        /// Something else.
        case failed(SystemError)
    }

    /// The bytes of datagrams that may wait in the receiver's queue at one time, as asked of the
    /// kernel, which gives less where `net.core.wmem_max` is less.
    public static let bufferByteCount: Int32 = 1 << 20

    /// The path of the receiver.
    public let path: String
    /// What an event loop waits on.
    public let descriptor: FileDescriptor

    /// Connects to a receiver.
    ///
    /// - Parameter path: the receiver's socket; at most `UnixPath.byteLimit` bytes.
    /// - Throws: `ENOENT` or `ECONNREFUSED` when nobody receives there.
    public convenience init(connectedTo path: String) throws(SystemError) {
        try self.init(path, abstract: false)
    }

    /// Connects to a receiver with an abstract name, which has no file.
    ///
    /// - Parameter name: the name without the zero byte in front.
    /// - Throws: `ECONNREFUSED` when nobody receives there.
    public convenience init(connectedToAbstract name: String) throws(SystemError) {
        try self.init(name, abstract: true)
    }

    private init(_ path: String, abstract: Bool) throws(SystemError) {
        try UnixPath.check(path, call: "connect")
        let kind = Int32(bitPattern: SOCK_DGRAM.rawValue)
        descriptor = try FileDescriptor(clinux_unix_socket(kind), "socket", path)
        self.path = path
        let raised = clinux_set_option(descriptor.number, SO_SNDBUF, Self.bufferByteCount)
        guard raised == 0 else { throw SystemError("setsockopt SO_SNDBUF", path, answer: raised) }
        let answer = unsafe clinux_unix_connect(descriptor.number, path, abstract ? 1 : 0)
        guard answer == 0 else { throw SystemError("connect", path, answer: answer) }
    }

    /// Sends one datagram, or nothing.
    public func send(_ bytes: [UInt8]) -> Outcome { send(pieces: [bytes[...]]) }

    /// Sends pieces as one datagram, or nothing.
    ///
    /// - Parameter pieces: at most 64; they follow each other without a gap.
    /// - Returns: what became of them; all or nothing was sent.
    public func send(pieces: [ArraySlice<UInt8>]) -> Outcome {
        guard pieces.count != 1 else {
            let number = descriptor.number
            return outcome(
                unsafe pieces[0].withUnsafeBytes { part in
                    unsafe clinux_send(number, part.baseAddress, part.count)
                })
        }
        var vectors = unsafe [iovec]()
        unsafe vectors.reserveCapacity(pieces.count)
        return outcome(unsafe send(pieces[...], behind: &vectors))
    }

    /// Pins one piece after the other and then sends all of them.
    private func send(
        _ pieces: ArraySlice<ArraySlice<UInt8>>, behind vectors: inout [iovec]
    ) -> Int {
        guard let piece = pieces.first else {
            let number = descriptor.number
            return unsafe vectors.withUnsafeMutableBufferPointer { all in
                unsafe clinux_send_pieces(number, all.baseAddress, all.count)
            }
        }
        return unsafe piece.withUnsafeBytes { part in
            unsafe vectors.append(
                iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: part.baseAddress),
                    iov_len: part.count))
            return unsafe send(pieces.dropFirst(), behind: &vectors)
        }
    }

    private func outcome(_ sent: Int) -> Outcome {
        guard sent < 0 else { return .sent }
        let code = Int32(truncatingIfNeeded: 0 &- sent)
        switch code {
        case EAGAIN, ENOBUFS: return .full
        case EMSGSIZE: return .tooLarge
        case ECONNREFUSED, ENOENT, ENOTCONN, ECONNRESET, EPIPE: return .gone(errno: code)
        default: return .failed(SystemError(call: "send", path: path, errno: code))
        }
    }
}
