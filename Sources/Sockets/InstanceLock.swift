// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A file whose lock says that a daemon runs, and whose text says as which process.
///
/// The file stays when the lock goes: another process may be waiting to lock the very same one.
public final class InstanceLock {
    /// The path of the file.
    public let path: String
    private let descriptor: FileDescriptor

    /// Takes the lock, or says who has it.
    ///
    /// - Parameter path: the file, which is made when it is missing.
    /// - Throws: `EWOULDBLOCK` when another instance has the lock; the advice names its process.
    public init(path: String) throws(SystemError) {
        self.path = path
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let number = unsafe open(path, flags, 0o600)
        guard number >= 0 else { throw SystemError(call: "open", path: path, errno: errno) }
        descriptor = FileDescriptor(owning: number)
        var attempts = 0
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            // Who only looks whether it is locked has it for a moment, and writes no number.
            if code == EWOULDBLOCK, attempts < Self.lookerLimit, Self.isUnnamed(path) {
                attempts += 1
                _ = usleep(1_000)
                continue
            }
            guard code == EWOULDBLOCK else {
                throw SystemError(call: "flock", path: path, errno: code)
            }
            throw SystemError(
                call: "flock", path: path, errno: code,
                advice: "another instance runs as \(Self.holder(path)): stop it first")
        }
        let text = Array("\(getpid())\n".utf8)
        let count = unsafe text.withUnsafeBytes { part in
            unsafe ftruncate(number, 0) == 0
                ? clinux_write(number, part.baseAddress, part.count) : -Int(EIO)
        }
        guard count == text.count else {
            throw SystemError("write", path, answer: Int32(truncatingIfNeeded: min(count, -1)))
        }
    }

    /// Whether somebody has a lock.
    public static func isHeld(path: String) -> Bool {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else { return false }
        let descriptor = FileDescriptor(owning: number)
        // A shared one is enough to find out, and disturbs nobody else who looks.
        return flock(descriptor.number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    deinit { _ = ftruncate(descriptor.number, 0) }

    /// So often a lock is tried again that nobody has for longer than a moment.
    private static let lookerLimit = 50

    private static func isUnnamed(_ path: String) -> Bool {
        (try? SmallFile.read(path, limit: 64))?.isEmpty ?? false
    }

    /// What the file says of the process that has the lock.
    private static func holder(_ path: String) -> String {
        let bytes = (try? SmallFile.read(path, limit: 64)) ?? []
        let text = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
        return Int32(text).map { "process \($0)" } ?? "an unknown process"
    }
}
