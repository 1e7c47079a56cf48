// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A program that is started to go on by itself, in a session of its own.
///
/// What it says before it lets go of its output is for whoever started it.
public final class BackgroundProgram {
    /// Its number.
    public let pid: Int32
    private let output: FileDescriptor

    /// The program file of this very process.
    ///
    /// By its own name where it has one, for a process is called after the file.
    public static var ownPath: String {
        let link = "/proc/self/exe"
        var room = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe room.withUnsafeMutableBufferPointer { room in
            guard let start = room.baseAddress else { return -1 }
            return unsafe readlink(link, start, room.count - 1)
        }
        guard count > 0 else { return link }
        let path = String(
            decoding: room.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return Folder.target(of: path) == .file(isExecutable: true) ? path : link
    }

    /// Starts a program; it has this process's environment and directory.
    ///
    /// - Parameters:
    ///   - path: the program's file.
    ///   - arguments: what it sees as its arguments, its own name first.
    /// - Throws: what the kernel answered.
    public init(starting path: String, arguments: [String]) throws(SystemError) {
        guard !path.utf8.contains(0), arguments.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw SystemError(call: "posix_spawn", path: path, errno: EINVAL)
        }
        let list = arguments.flatMap { $0.utf8CString }
        var reading: Int32 = -1
        let answer = unsafe list.withUnsafeBufferPointer { words in
            unsafe clinux_spawn_session(path, words.baseAddress, arguments.count, &reading)
        }
        guard answer > 0 else { throw SystemError("posix_spawn", path, answer: answer) }
        pid = answer
        output = FileDescriptor(owning: reading)
    }

    /// Waits until it lets go of its output, or ends.
    ///
    /// - Returns: what it said, at most so many bytes.
    public func waitForOutput(limit: Int = 65_536) -> [UInt8] {
        var said: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4_096)
        while said.count < limit {
            let number = output.number
            let count = unsafe room.withUnsafeMutableBytes { part in
                unsafe clinux_read(number, part.baseAddress, part.count)
            }
            guard count > 0 else { break }
            said += room.prefix(count)
        }
        return said
    }

    /// Lets go of standard output and standard errors: who started this process stops waiting.
    public static func letGo() throws(SystemError) {
        let answer = clinux_silence()
        guard answer == 0 else { throw SystemError("dup2", "/dev/null", answer: answer) }
    }
}

extension ProcessWatch {
    /// Ends the process at once; nobody else, even when its number has a new owner.
    ///
    /// - Throws: `ESRCH` when it has ended; `EPERM` when this user may not.
    public func kill() throws(SystemError) {
        let answer = clinux_signal_process(descriptor.number, SIGKILL)
        guard answer == 0 else {
            throw SystemError("pidfd_send_signal", "process \(pid)", answer: answer)
        }
    }

    /// Sends a signal to the process; to nobody else, even when its number has a new owner.
    ///
    /// - Throws: `ESRCH` when it has ended; `EPERM` when this user may not.
    public func send(_ signal: Signal) throws(SystemError) {
        let answer = clinux_signal_process(descriptor.number, signal.rawValue)
        guard answer == 0 else {
            throw SystemError("pidfd_send_signal", "process \(pid)", answer: answer)
        }
    }
}
