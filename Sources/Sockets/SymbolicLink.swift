// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// Symbolic links themselves, and what they lead to in the end.
public enum SymbolicLink {
    /// What has a name.
    public enum Kind: Equatable, Sendable {
        /// Nothing.
        case nothing
        /// A symbolic link, wherever it leads.
        case link
        /// A file.
        case file
        /// Something else.
        case other
    }

    /// What has a name, which is not followed when it is a link.
    ///
    /// - Throws: what the kernel answered when it is not known.
    public static func kind(of path: String) throws(SystemError) -> Kind {
        guard !path.utf8.contains(0) else { throw SystemError(call: "lstat", errno: EINVAL) }
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else {
            if errno == ENOENT { return .nothing }
            throw SystemError(call: "lstat", path: path, errno: errno)
        }
        switch found.st_mode & S_IFMT {
        case S_IFLNK: return .link
        case S_IFREG: return .file
        default: return .other
        }
    }

    /// The path of what a path leads to, without any link in it.
    public static func resolved(_ path: String) throws(SystemError) -> String {
        guard !path.utf8.contains(0) else { throw SystemError(call: "realpath", errno: EINVAL) }
        guard let found = unsafe realpath(path, nil) else {
            throw SystemError(call: "realpath", path: path, errno: errno)
        }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// Takes a link away.
    public static func remove(_ path: String) throws(SystemError) {
        guard !path.utf8.contains(0) else { throw SystemError(call: "unlink", errno: EINVAL) }
        guard unsafe unlink(path) == 0 else {
            throw SystemError(call: "unlink", path: path, errno: errno)
        }
    }
}
