// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A file that is replaced as a whole: whoever reads sees the old one or the new one.
public enum WholeFile {
    /// Writes a file beside its place, waits until it is on the disk, and puts it there.
    ///
    /// - Parameters:
    ///   - bytes: all of its bytes.
    ///   - path: its place.
    ///   - replaces: whether a file that is there may be replaced.
    ///   - backup: what the file that is there is called afterwards; nil keeps none.
    ///   - isSynchronized: whether to wait until it is on the disk.
    /// - Throws: `EEXIST` when there is a file that may not be replaced, or what the kernel
    ///   answered; the file that was there is then still there.
    public static func write(
        _ bytes: [UInt8], to path: String, replaces: Bool, backup: String? = nil,
        isSynchronized: Bool = true
    ) throws(SystemError) {
        let mode = try UnixPath.look(path).map { $0.permissions & 0o777 } ?? 0o644
        var template = Array("\(path).XXXXXX".utf8CString)
        let number = unsafe template.withUnsafeMutableBufferPointer { text in
            guard let start = text.baseAddress else { return Int32(-1) }
            return unsafe mkstemp(start)
        }
        guard number >= 0 else { throw SystemError(call: "mkstemp", path: path, errno: errno) }
        let temporary = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        do throws(SystemError) {
            try fill(FileDescriptor(owning: number), temporary, bytes, mode, isSynchronized)
            try put(temporary, path, replaces, backup)
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
    }

    /// Makes a symbolic link; `EEXIST` when there is something of its name.
    public static func link(_ path: String, to target: String) throws(SystemError) {
        guard unsafe symlink(target, path) == 0 else {
            throw SystemError(call: "symlink", path: path, errno: errno)
        }
    }

    private static func fill(
        _ descriptor: FileDescriptor, _ path: String, _ bytes: [UInt8], _ mode: UInt32,
        _ isSynchronized: Bool
    ) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { part in
                unsafe clinux_write(descriptor.number, part.baseAddress, part.count)
            }
            guard count > 0 else {
                throw SystemError("write", path, answer: Int32(truncatingIfNeeded: count))
            }
            rest = rest.dropFirst(count)
        }
        guard fchmod(descriptor.number, mode) == 0 else {
            throw SystemError(call: "fchmod", path: path, errno: errno)
        }
        guard !isSynchronized || fsync(descriptor.number) == 0 else {
            throw SystemError(call: "fsync", path: path, errno: errno)
        }
    }

    private static func put(
        _ temporary: String, _ path: String, _ replaces: Bool, _ backup: String?
    ) throws(SystemError) {
        guard replaces else {
            // A link is refused when the place is taken, whoever took it in the meantime.
            guard unsafe Glibc.link(temporary, path) == 0 else {
                throw SystemError(call: "link", path: path, errno: errno)
            }
            _ = unsafe unlink(temporary)
            return
        }
        if let backup {
            _ = unsafe unlink(backup)
            guard unsafe Glibc.link(path, backup) == 0 || errno == ENOENT else {
                throw SystemError(call: "link", path: backup, errno: errno)
            }
        }
        guard unsafe rename(temporary, path) == 0 else {
            throw SystemError(call: "rename", path: path, errno: errno)
        }
    }
}
