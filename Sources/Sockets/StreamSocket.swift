// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A connected stream, of Unix or of TCP, that never waits.
public final class StreamSocket {
    /// What a read came to.
    public enum ReadOutcome: Equatable, Sendable {
        /// At least one byte.
        case bytes([UInt8])
        /// Nothing has arrived.
        case wouldBlock
        /// The other end has closed, and everything before that has been read.
        case closed
        /// The stream is broken.
        case failed(SystemError)
    }

    /// What a write came to.
    public enum WriteOutcome: Equatable, Sendable {
        /// So many bytes are on their way; they may be fewer than were offered.
        case wrote(Int)
        /// The other end does not read fast enough; nothing was written.
        case wouldBlock
        /// The other end has closed.
        case closed
        /// The stream is broken.
        case failed(SystemError)
    }

    /// The most pieces that one write takes.
    public static let pieceLimit = 16

    /// Whether the last read gave so much that the next one gets an array without a copy.
    private var expectsMuch = false
    private static let much = 65_536

    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    /// The path that was connected to, where there is one.
    public let path: String?

    /// Connects to a path without waiting.
    ///
    /// - Throws: `EAGAIN` when the listener's queue is full; trying again later is right then.
    public init(connectedTo path: String) throws(SystemError) {
        try UnixPath.check(path, call: "connect")
        let kind = Int32(bitPattern: SOCK_STREAM.rawValue)
        descriptor = try FileDescriptor(clinux_unix_socket(kind), "socket", path)
        self.path = path
        let answer = unsafe clinux_unix_connect(descriptor.number, path, 0)
        guard answer == 0 else { throw SystemError("connect", path, answer: answer) }
    }

    /// Takes over a connected descriptor.
    init(_ descriptor: FileDescriptor, path: String?) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Makes two streams that are connected to each other.
    public static func pair() throws(SystemError) -> (StreamSocket, StreamSocket) {
        var first: Int32 = -1
        var second: Int32 = -1
        let answer = unsafe clinux_stream_pair(&first, &second)
        guard answer == 0 else { throw SystemError("socketpair", answer: answer) }
        return (
            StreamSocket(FileDescriptor(owning: first), path: nil),
            StreamSocket(FileDescriptor(owning: second), path: nil)
        )
    }

    /// Who made the other end.
    public func peerCredentials() throws(SystemError) -> Credentials {
        var raw = clinux_credentials()
        let answer = unsafe clinux_peer_credentials(descriptor.number, &raw)
        guard answer == 0 else {
            throw SystemError("getsockopt SO_PEERCRED", path, answer: answer)
        }
        return Credentials(raw)
    }

    /// Takes what has arrived, with one system call and one copy.
    ///
    /// - Parameter scratch: room for the most bytes to take; reused by every call.
    /// - Returns: the bytes in an array of their own, or why there are none.
    public func read(into scratch: inout [UInt8]) -> ReadOutcome {
        // A read of no bytes would look like the end.
        guard !scratch.isEmpty else {
            return .failed(SystemError(call: "recv", path: path, errno: EINVAL))
        }
        let number = descriptor.number
        var count = 0
        if expectsMuch {
            let capacity = scratch.count
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, filled in
                count = unsafe clinux_read_stream(number, room.baseAddress, capacity)
                filled = max(0, min(count, capacity))
            }
            expectsMuch = count >= Self.much
            if count > 0 { return .bytes(expectsMuch ? bytes : Array(bytes[...])) }
        } else {
            count = unsafe scratch.withUnsafeMutableBytes { room in
                unsafe clinux_read_stream(number, room.baseAddress, room.count)
            }
            expectsMuch = count >= Self.much
            if count > 0 { return .bytes(Array(scratch[..<min(count, scratch.count)])) }
        }
        return failure(count)
    }

    /// Reads the answer of a read that gave nothing.
    private func failure(_ count: Int) -> ReadOutcome {
        switch Int32(truncatingIfNeeded: 0 &- count) {
        case 0, ECONNRESET: .closed
        case EAGAIN: .wouldBlock
        case let code: .failed(SystemError(call: "recv", path: path, errno: code))
        }
    }

    /// Looks at what has arrived, and leaves it there.
    ///
    /// - Parameter scratch: room for the most bytes to look at.
    /// - Returns: a copy of the bytes, or why there are none.
    public func peek(into scratch: inout [UInt8]) -> ReadOutcome {
        guard !scratch.isEmpty else {
            return .failed(SystemError(call: "recv", path: path, errno: EINVAL))
        }
        let number = descriptor.number
        let count = unsafe scratch.withUnsafeMutableBytes { room in
            unsafe clinux_peek_stream(number, room.baseAddress, room.count)
        }
        if count > 0 { return .bytes(Array(scratch[..<min(count, scratch.count)])) }
        return failure(count)
    }

    /// Takes bytes away that were looked at.
    ///
    /// - Returns: how many were there to take; fewer than asked for only when somebody else reads.
    public func discard(_ count: Int) -> Int {
        var room = [UInt8](repeating: 0, count: min(max(count, 0), 65_536))
        let number = descriptor.number
        var done = 0
        while done < count {
            let wanted = min(count - done, room.count)
            let taken = unsafe room.withUnsafeMutableBytes { part in
                unsafe clinux_read_stream(number, part.baseAddress, wanted)
            }
            guard taken > 0 else { break }
            done += taken
        }
        return done
    }

    /// Ends the connection for everybody who has it open.
    public func shutDown() { _ = clinux_shut_down(descriptor.number) }

    /// Writes bytes from an offset on; an offset outside the bytes writes nothing.
    public func write(_ bytes: [UInt8], from offset: Int = 0) -> WriteOutcome {
        guard offset >= 0, offset < bytes.count else { return .wrote(0) }
        let number = descriptor.number
        let count = unsafe bytes.withUnsafeBytes { whole in
            let part = unsafe UnsafeRawBufferPointer(rebasing: whole[offset...])
            return unsafe clinux_send(number, part.baseAddress, part.count)
        }
        return outcome(count)
    }

    /// Writes several pieces with one system call, the first from an offset on.
    ///
    /// - Parameters:
    ///   - pieces: what to write; pieces after the first `pieceLimit` wait for another call.
    ///   - offset: how much of the first piece has been written before.
    /// - Returns: how many bytes of all pieces together are on their way, or why none are.
    public func write(pieces: ArraySlice<ArraySlice<UInt8>>, from offset: Int = 0) -> WriteOutcome {
        guard offset >= 0, offset < (pieces.first?.count ?? 0) else { return .wrote(0) }
        var vectors = unsafe [iovec]()
        unsafe vectors.reserveCapacity(min(pieces.count, Self.pieceLimit))
        let count = unsafe send(pieces.prefix(Self.pieceLimit), from: offset, behind: &vectors)
        return outcome(count)
    }

    /// Says that nothing more will be written; what was written before still arrives.
    public func shutWriting() { _ = clinux_shut_writing(descriptor.number) }

    /// Pins one piece after the other and then sends all of them.
    private func send(
        _ pieces: ArraySlice<ArraySlice<UInt8>>, from offset: Int, behind vectors: inout [iovec]
    ) -> Int {
        guard let piece = pieces.first else {
            let number = descriptor.number
            return unsafe vectors.withUnsafeMutableBufferPointer { all in
                unsafe clinux_send_pieces(number, all.baseAddress, all.count)
            }
        }
        return unsafe piece.withUnsafeBytes { whole in
            let part = unsafe UnsafeRawBufferPointer(rebasing: whole[offset...])
            unsafe vectors.append(
                iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: part.baseAddress),
                    iov_len: part.count))
            return unsafe send(pieces.dropFirst(), from: 0, behind: &vectors)
        }
    }

    /// Reads the answer of a send.
    private func outcome(_ count: Int) -> WriteOutcome {
        guard count < 0 else { return .wrote(count) }
        switch Int32(truncatingIfNeeded: 0 &- count) {
        case EAGAIN: return .wouldBlock
        case EPIPE, ECONNRESET: return .closed
        case let code: return .failed(SystemError(call: "send", path: path, errno: code))
        }
    }
}
