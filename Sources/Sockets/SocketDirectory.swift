// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// The directory in which the daemons of a node have their sockets.
public enum SocketDirectory {
    /// Makes the directory if it is missing, and checks that only its owner can get in.
    ///
    /// - Parameter path: the directory; what is above it must be there already.
    /// - Throws: what is wrong, with what to do about it.
    public static func prepare(_ path: String) throws(SystemError) {
        if try UnixPath.look(path) == nil {
            guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
                let code = errno
                let advice =
                    code == ENOENT ? "make the directory above it first" : "make it by hand"
                throw SystemError(call: "mkdir", path: path, errno: code, advice: advice)
            }
        }
        try check(path)
    }

    /// Checks that the directory is there and that only its owner can get in.
    ///
    /// - Parameter path: the directory.
    /// - Throws: what is wrong, with what to do about it.
    public static func check(_ path: String) throws(SystemError) {
        guard let file = try UnixPath.look(path) else {
            throw SystemError(
                call: "lstat", path: path, errno: ENOENT,
                advice: "no daemon has made it: is ctdb-proxyd running on this node?")
        }
        guard file.is_directory != 0 else {
            throw SystemError(
                call: "lstat", path: path, errno: ENOTDIR,
                advice: "it is not a directory: remove it, or choose another one")
        }
        guard file.uid == geteuid() else {
            throw SystemError(
                call: "lstat", path: path, errno: EPERM,
                advice: "it belongs to uid \(file.uid), this is uid \(geteuid()): chown it")
        }
        guard file.permissions & 0o077 == 0 else {
            let mode = String(file.permissions, radix: 8)
            throw SystemError(
                call: "lstat", path: path, errno: EPERM,
                advice: "mode \(mode) lets others in: chmod it to 700")
        }
        guard file.permissions & 0o300 == 0o300, unsafe access(path, W_OK | X_OK) == 0 else {
            throw SystemError(
                call: "access", path: path, errno: EACCES,
                advice: "its owner cannot write there: chmod it to 700")
        }
    }
}
