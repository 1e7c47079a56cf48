// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// What there is in a folder, and what a path leads to.
public enum Folder {
    /// The most names that are read.
    public static let nameLimit = 65_536

    /// What a path leads to, links followed.
    public enum Target: Equatable, Sendable {
        /// A folder.
        case folder
        /// A file, and whether its owner may run it.
        case file(isExecutable: Bool)
        /// A socket, a device or the like.
        case other
    }

    /// What a path leads to; nil when there is nothing, or nobody may look.
    public static func target(of path: String) -> Target? {
        guard !path.utf8.contains(0) else { return nil }
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { return nil }
        switch found.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .file(isExecutable: found.st_mode & S_IXUSR != 0)
        default: return .other
        }
    }

    /// Whether two paths lead to the same thing, by whatever links.
    public static func isSame(_ first: String, _ second: String) -> Bool {
        guard !first.utf8.contains(0), !second.utf8.contains(0) else { return false }
        var (one, other) = (stat(), stat())
        guard unsafe stat(first, &one) == 0, unsafe stat(second, &other) == 0 else { return false }
        return one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }

    /// Whether a path leads to a folder.
    public static func isFolder(_ path: String) -> Bool { target(of: path) == .folder }

    /// The names in a folder, in the order of their bytes, without `.` and `..`.
    ///
    /// - Throws: `EFBIG` when there are too many, `EILSEQ` for a name that is not UTF-8, or what
    ///   the kernel answered.
    public static func names(in path: String) throws(SystemError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            throw SystemError(call: "opendir", path: path, errno: errno)
        }
        defer { unsafe _ = closedir(folder) }
        var names: [String] = []
        var room = [CChar](repeating: 0, count: Int(CLINUX_NAME_LIMIT))
        while true {
            let answer = unsafe clinux_next_name(folder, &room)
            guard answer >= 0 else { throw SystemError("readdir", path, answer: answer) }
            guard answer > 0 else { break }
            let bytes = room.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
            guard let name = String(validating: bytes, as: UTF8.self) else {
                throw SystemError(
                    call: "readdir", path: path, errno: EILSEQ, advice: "a name is not UTF-8")
            }
            if name == "." || name == ".." { continue }
            guard names.count < nameLimit else {
                throw SystemError(call: "readdir", path: path, errno: EFBIG)
            }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
