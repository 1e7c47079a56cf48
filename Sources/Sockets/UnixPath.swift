// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// What the name of a Unix socket may be.
public enum UnixPath {
    /// The longest path that fits a socket address: its field has 108 bytes, one of them zero.
    public static let byteLimit = 107

    /// Throws unless a path can be the name of a socket.
    public static func check(_ path: String, call: String) throws(SystemError) {
        let byteCount = path.utf8.count
        guard byteCount > 0, !path.utf8.contains(0) else {
            throw SystemError(
                call: call, path: path, errno: EINVAL, advice: "not the name of a socket")
        }
        guard byteCount <= byteLimit else {
            throw SystemError(
                call: call, path: path, errno: ENAMETOOLONG,
                advice: "\(byteCount) bytes; the limit is \(byteLimit): use a shorter directory")
        }
    }

    /// What the kernel knows of a file, or nil when there is none.
    static func look(_ path: String) throws(SystemError) -> clinux_file? {
        var file = clinux_file()
        let answer = unsafe clinux_look(path, &file)
        if answer == -ENOENT { return nil }
        guard answer == 0 else { throw SystemError("lstat", path, answer: answer) }
        return file
    }

    /// Removes a socket that nobody reads any more, and refuses what is anything else.
    static func removeStale(_ path: String, type: __socket_type) throws(SystemError) {
        guard let file = try look(path) else { return }
        guard file.is_socket != 0 else {
            throw SystemError(
                call: "bind", path: path, errno: EADDRINUSE,
                advice: "it is not a socket: remove it, or choose another path")
        }
        let kind = Int32(bitPattern: type.rawValue)
        let probe = try FileDescriptor(clinux_unix_socket(kind), "socket", path)
        let answer = unsafe clinux_unix_connect(probe.number, path, 0)
        switch answer {
        case -ECONNREFUSED:
            guard unsafe unlink(path) == 0 || Glibc.errno == ENOENT else {
                throw SystemError(call: "unlink", path: path, errno: Glibc.errno)
            }
        case -ENOENT: return
        case 0, -EAGAIN, -EPROTOTYPE, -EPERM:
            throw SystemError(
                call: "bind", path: path, errno: EADDRINUSE,
                advice: "another process is listening there: stop it first")
        default: throw SystemError("connect", path, answer: answer)
        }
    }

    /// Makes a socket and gives it a path, for its owner only.
    static func bind(
        _ path: String, type: __socket_type
    ) throws(SystemError) -> (descriptor: FileDescriptor, file: clinux_file) {
        try check(path, call: "bind")
        try removeStale(path, type: type)
        let kind = Int32(bitPattern: type.rawValue)
        let descriptor = try FileDescriptor(clinux_unix_socket(kind), "socket", path)
        // The mode of the unbound socket becomes the mode of the file, less the umask: there is
        // no moment at which others may connect.
        guard fchmod(descriptor.number, 0o600) == 0 else {
            throw SystemError(call: "fchmod", path: path, errno: Glibc.errno)
        }
        if type == SOCK_DGRAM {
            let answer = clinux_set_option(descriptor.number, SO_PASSCRED, 1)
            guard answer == 0 else {
                throw SystemError("setsockopt SO_PASSCRED", path, answer: answer)
            }
        }
        let answer = unsafe clinux_unix_bind(descriptor.number, path, 0)
        guard answer == 0 else { throw SystemError("bind", path, answer: answer) }
        guard let file = try look(path), file.permissions & 0o177 == 0 else {
            throw SystemError(
                call: "bind", path: path, errno: EACCES,
                advice: "the new socket is open to others, or gone")
        }
        return (descriptor, file)
    }

    /// Removes a socket's file unless it has become another one's.
    static func unlinkIfSame(_ path: String, as file: clinux_file) {
        guard let found = try? look(path), found.inode == file.inode,
            found.device == file.device
        else { return }
        _ = unsafe unlink(path)
    }
}
