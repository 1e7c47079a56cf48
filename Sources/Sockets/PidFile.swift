// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// The file that says as which process a daemon runs, locked as the legacy daemons lock theirs.
///
/// The lock says whether the process lives, not the number in the file: a file that was left behind
/// is taken over, whoever has its number now. The file goes away with the value.
public final class PidFile {
    /// Where it is.
    public let path: String
    private let descriptor: FileDescriptor
    private let owner = getpid()

    /// Writes the file.
    ///
    /// - Throws: `EEXIST` when another daemon has it locked; the advice names its process.
    public init(path: String) throws(SystemError) {
        self.path = path
        let flags = O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW
        let number = unsafe open(path, flags, 0o644)
        guard number >= 0 else { throw SystemError(call: "open", path: path, errno: errno) }
        descriptor = FileDescriptor(owning: number)
        let holder = clinux_lock_file(number)
        guard holder == 0 else {
            guard holder > 0 || holder == -EAGAIN else {
                throw SystemError("fcntl F_SETLK", path, answer: holder)
            }
            let name = holder > 0 ? "process \(holder)" : "an unknown process"
            throw SystemError(
                call: "fcntl F_SETLK", path: path, errno: EEXIST,
                advice: "another event daemon runs as \(name): stop it first")
        }
        let text = Array("\(owner)\n".utf8)
        let count = unsafe text.withUnsafeBytes { part in
            unsafe ftruncate(number, 0) == 0
                ? clinux_write(number, part.baseAddress, part.count) : -Int(EIO)
        }
        guard count == text.count else {
            _ = unsafe unlink(path)
            let code = count < 0 ? Int32(truncatingIfNeeded: 0 &- count) : ENOSPC
            throw SystemError(call: "write", path: path, errno: code)
        }
    }

    deinit {
        // A forked copy of this process must not take the original's file away.
        if getpid() == owner { _ = unsafe unlink(path) }
    }
}

/// The pipe by which a daemon tells who has started it that it is ready, and that it lives.
public final class StartNotice {
    private let descriptor: FileDescriptor

    /// Takes over a descriptor that this process was started with; its children do not get it.
    ///
    /// - Throws: `EBADF` when there is no such descriptor.
    public init(descriptorNumber: Int32) throws(SystemError) {
        guard descriptorNumber > 2, fcntl(descriptorNumber, F_SETFD, FD_CLOEXEC) == 0 else {
            throw SystemError(
                call: "fcntl F_SETFD", path: "descriptor \(descriptorNumber)", errno: EBADF)
        }
        descriptor = FileDescriptor(owning: descriptorNumber)
    }

    /// Says that the daemon is ready: 32 bits that are 0.
    public func ready() throws(SystemError) {
        let zero = [UInt8](repeating: 0, count: 4)
        let number = descriptor.number
        let count = unsafe zero.withUnsafeBytes { part in
            unsafe clinux_write(number, part.baseAddress, part.count)
        }
        guard count == zero.count else {
            throw SystemError("write", "descriptor \(number)", answer: Int32(min(count, -1)))
        }
    }
}
