// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A file that is read or written from its beginning on, such as a backup.
public final class RegularFile: Sendable {
    /// What the file is opened for.
    public enum Access: Sendable {
        /// To read.
        case reading
        /// To write and read over what is there; it is made when it is missing.
        case overwriting(permissions: UInt32)
        /// To write; it is made when it is missing, and emptied when it is there.
        case replacing(permissions: UInt32)
    }

    /// Where the file is.
    public let path: String
    private let descriptor: FileDescriptor

    /// Opens a file.
    ///
    /// - Throws: what the kernel answered.
    public init(path: String, for access: Access) throws(SystemError) {
        self.path = path
        let number =
            switch access {
            case .reading: unsafe open(path, O_RDONLY | O_CLOEXEC)
            case .overwriting(let permissions):
                unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, permissions)
            case .replacing(let permissions):
                unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions)
            }
        guard number >= 0 else { throw SystemError(call: "open", path: path, errno: errno) }
        descriptor = FileDescriptor(owning: number)
    }

    /// Reads standard input.
    ///
    /// - Throws: what the kernel answered.
    public static func standardInput() throws(SystemError) -> RegularFile {
        let number = fcntl(0, F_DUPFD_CLOEXEC, 3)
        guard number >= 0 else {
            throw SystemError(call: "fcntl", path: "standard input", errno: errno)
        }
        return RegularFile(path: "standard input", owning: number)
    }

    private init(path: String, owning number: Int32) {
        self.path = path
        descriptor = FileDescriptor(owning: number)
    }

    /// Reads so many bytes, or fewer at the end of the file.
    ///
    /// Memory is taken for what is there, not for what is asked for.
    public func read(upTo count: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = try readPart(upTo: min(count - bytes.count, 262_144))
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }

    /// Reads what one call of the kernel gives, which waits when nothing is there.
    ///
    /// - Returns: some bytes; none at the end.
    public func readPart(upTo count: Int) throws(SystemError) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: max(count, 0))
        let answer = unsafe room.withUnsafeMutableBytes { room in
            unsafe clinux_read(descriptor.number, room.baseAddress, room.count)
        }
        guard answer >= 0 else {
            throw SystemError("read", path, answer: Int32(truncatingIfNeeded: answer))
        }
        // A whole piece, the usual case, is not copied.
        return answer == count ? room : Array(room.prefix(answer))
    }

    /// Writes all bytes.
    public func write(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let answer = unsafe rest.withUnsafeBytes { part in
                unsafe clinux_write(descriptor.number, part.baseAddress, part.count)
            }
            guard answer > 0 else {
                throw SystemError(
                    "write", path, answer: answer == 0 ? -EIO : Int32(truncatingIfNeeded: answer))
            }
            rest = rest.dropFirst(answer)
        }
    }

    /// Waits until everything that was written is on the disk.
    public func synchronize() throws(SystemError) {
        guard fsync(descriptor.number) == 0 else {
            throw SystemError(call: "fsync", path: path, errno: errno)
        }
    }

    /// Removes a file; whether it was there and could be removed.
    @discardableResult
    public static func remove(_ path: String) -> Bool { unsafe unlink(path) == 0 }

    /// Goes on from the beginning.
    public func rewind() throws(SystemError) {
        guard lseek(descriptor.number, 0, SEEK_SET) == 0 else {
            throw SystemError(call: "lseek", path: path, errno: errno)
        }
    }
}
