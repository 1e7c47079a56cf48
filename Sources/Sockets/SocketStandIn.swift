// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A listening socket that stands at another's path, while the other is reachable beside it.
///
/// The two names are exchanged at one moment, so that whoever connects finds the one or the other.
/// Whatever ends the process, the state it leaves can be mended by `mend`: a lock file tells
/// whether a stand-in lives.
public final class SocketStandIn {
    /// What was found of a stand-in that ended without going away, and done about it.
    public enum Mending: Equatable, Sendable {
        /// There was nothing to do.
        case nothing
        /// The original is at its path again.
        case restored
        /// The original was at its path; what was left beside it is gone.
        case cleared
        /// The original's process is gone, too; what was left is gone.
        case abandoned
    }

    /// What is added to the path for the original.
    public static let besideSuffix = ".direct"
    private static let lockSuffix = ".relay-lock"

    /// The path that others connect to.
    public let path: String
    /// Where the original is reachable.
    public let besidePath: String
    /// The process that listens at the original.
    public let originalPID: Int32
    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    private let own: clinux_file
    private let lock: InstanceLock
    private var isStanding = true

    /// Takes the place of a socket that somebody listens at.
    ///
    /// - Parameter path: the socket; what a stand-in that was killed has left is mended first.
    /// - Throws: `ECONNREFUSED` or `ENOENT` when nobody listens there; `EWOULDBLOCK` when another
    ///   stand-in is there; what the kernel answered.
    public init(at path: String) throws(SystemError) {
        self.path = path
        besidePath = path + Self.besideSuffix
        try UnixPath.check(besidePath, call: "bind")
        lock = try InstanceLock(path: path + Self.lockSuffix)
        _ = try Self.repair(path)
        let probe = try StreamSocket(connectedTo: path)
        originalPID = try probe.peerCredentials().pid
        let bound = try UnixPath.bind(besidePath, type: SOCK_STREAM)
        descriptor = bound.descriptor
        own = bound.file
        do throws(SystemError) {
            guard listen(descriptor.number, 128) == 0 else {
                throw SystemError(call: "listen", path: besidePath, errno: errno)
            }
            let copied = unsafe clinux_copy_access(path, besidePath)
            guard copied == 0 else { throw SystemError("chown", besidePath, answer: copied) }
            try Self.exchange(path, besidePath)
        } catch {
            UnixPath.unlinkIfSame(besidePath, as: own)
            throw error
        }
    }

    deinit { goAway() }

    /// Puts the original back to its path; nobody can connect here any more.
    public func goAway() {
        guard isStanding else { return }
        isStanding = false
        // Somebody else may have taken the path: then that one is to stay, and only what is beside
        // it goes away.
        guard let found = try? UnixPath.look(path), found.inode == own.inode,
            found.device == own.device, (try? Self.exchange(path, besidePath)) != nil
        else {
            _ = unsafe unlink(besidePath)
            return
        }
        if let swapped = try? UnixPath.look(besidePath), swapped.inode != own.inode {
            // It was taken between the look and the exchange.
            try? Self.exchange(path, besidePath)
            _ = unsafe unlink(besidePath)
        }
        UnixPath.unlinkIfSame(besidePath, as: own)
    }

    /// Takes one connection, if somebody waits.
    public func accept() -> StreamListener.Accepted {
        let answer = clinux_accept(descriptor.number)
        guard answer < 0 else {
            return .connection(StreamSocket(FileDescriptor(owning: answer), path: path))
        }
        switch 0 &- answer {
        case EAGAIN, ECONNABORTED: return .empty
        default: return .failed(SystemError("accept", path, answer: answer))
        }
    }

    /// Whether a stand-in lives at a path, or has left something there.
    public static func isExpected(at path: String) -> Bool {
        (try? UnixPath.look(path + besideSuffix)) != nil
    }

    /// Whether a stand-in lives at a path.
    public static func isAlive(at path: String) -> Bool {
        InstanceLock.isHeld(path: path + lockSuffix)
    }

    /// Mends what a stand-in has left that was killed.
    ///
    /// - Parameter path: the path where it stood.
    /// - Returns: what was found and done.
    /// - Throws: `EWOULDBLOCK` when a stand-in lives there; what the kernel answered.
    @discardableResult
    public static func mend(_ path: String) throws(SystemError) -> Mending {
        guard isExpected(at: path) else { return .nothing }
        let lock = try InstanceLock(path: path + lockSuffix)
        defer { withExtendedLifetime(lock) {} }
        return try repair(path)
    }

    /// The same while the lock is held: nobody who stands in is alive.
    private static func repair(_ path: String) throws(SystemError) -> Mending {
        let beside = path + besideSuffix
        guard let left = try UnixPath.look(beside) else { return .nothing }
        guard left.is_socket != 0 else {
            throw SystemError(
                call: "connect", path: beside, errno: ENOTSOCK, advice: "remove it by hand")
        }
        let isThere = try isAlive(path)
        if try isAlive(beside) {
            guard !isThere else {
                throw SystemError(
                    call: "rename", path: beside, errno: EEXIST,
                    advice: "somebody listens there and at \(path): stop one of them")
            }
            guard unsafe rename(beside, path) == 0 else {
                throw SystemError(call: "rename", path: beside, errno: errno)
            }
            return .restored
        }
        guard unsafe unlink(beside) == 0 || errno == ENOENT else {
            throw SystemError(call: "unlink", path: beside, errno: errno)
        }
        return isThere ? .cleared : .abandoned
    }

    /// Whether somebody listens at a path.
    private static func isAlive(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try StreamSocket(connectedTo: path)
            return true
        } catch {
            switch error.errno {
            case ECONNREFUSED, ENOENT: return false
            case EAGAIN: return true
            default: throw error
            }
        }
    }

    private static func exchange(_ first: String, _ second: String) throws(SystemError) {
        let answer = unsafe clinux_exchange(first, second)
        guard answer == 0 else { throw SystemError("renameat2", first, answer: answer) }
    }
}
