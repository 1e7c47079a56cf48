// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc

/// A program on this machine, and this process's own.
public enum Program {
    /// Which file it is, whatever the path.
    public struct Identity: Hashable, Sendable {
        /// The file system.
        public var device: UInt64
        /// The file in it.
        public var inode: UInt64
    }

    /// Which file a path leads to; nil when there is none that can be run.
    public static func identity(of path: String) -> Identity? {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            unsafe access(path, X_OK) == 0
        else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Which file this process runs.
    public static var ownIdentity: Identity? { identity(of: "/proc/self/exe") }

    /// Sets an environment variable for this process and what it becomes.
    public static func setVariable(_ name: String, _ value: String) {
        _ = unsafe setenv(name, value, 1)
    }

    /// Ends this program and runs another in the same process, with the arguments that this one
    /// was given, byte for byte; streams, signals and environment stay as they are.
    ///
    /// - Returns: the error number when there is no such program.
    public static func become(_ path: String) -> Int32 {
        // A signal that this program ignores would stay ignored; it ignores none by itself.
        unsafe _ = execv(path, CommandLine.unsafeArgv)
        return errno
    }

    /// The number of this process.
    public static var number: Int32 { getpid() }

    /// Ends this process.
    public static func end(_ code: Int32) -> Never { exit(code) }

    /// The kernel's words for an error number.
    public static func reason(_ number: Int32) -> String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }

    /// Seconds since 1970 by the clock of this machine.
    public static func wallClockSeconds() -> Int64 { Int64(time(nil)) }

    /// Has SIGPIPE end this process as it ends others, whatever the runtime has set.
    public static func endWhenNobodyReads() { _ = signal(SIGPIPE, SIG_DFL) }

    /// What this process was called with, its own name first; bytes that are no UTF-8 are replaced.
    public static var arguments: [String] { CommandLine.arguments }

    /// Which arguments are no UTF-8, counted from 1.
    public static var damagedArguments: [Int] {
        let count = max(0, Int(CommandLine.argc))
        return (0..<count).dropFirst().filter { index in
            guard let text = unsafe CommandLine.unsafeArgv[index] else { return false }
            let bytes = unsafe UnsafeRawBufferPointer(start: text, count: strlen(text))
            return unsafe String(validating: Array(bytes), as: UTF8.self) == nil
        }
    }

    /// Whether an error number says that nobody reads any more.
    public static func isEndOfReader(_ number: Int32) -> Bool { number == EPIPE }

    /// The names in a folder, in order; none when it cannot be read.
    public static func names(in folder: String) -> [String] {
        guard let handle = unsafe opendir(folder) else { return [] }
        defer { unsafe _ = closedir(handle) }
        var names: [String] = []
        while let entry = unsafe readdir(handle) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
