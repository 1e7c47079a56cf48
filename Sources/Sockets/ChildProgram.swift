// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A program that is run and waited for, with the same streams and environment.
public enum ChildProgram {
    /// How it ended.
    public enum Ending: Equatable, Sendable {
        /// By itself, with an exit code.
        case exited(Int32)
        /// By a signal.
        case signalled(Int32)
        /// It was not found, or cannot be run.
        case notStarted(SystemError)
    }

    /// Runs a program.
    ///
    /// - Parameters:
    ///   - path: the program's file; it is also the program's name to itself.
    ///   - arguments: what it gets, without its name.
    /// - Returns: how it ended.
    public static func run(_ path: [UInt8], arguments: [[UInt8]]) -> Ending {
        // One piece of memory holds all strings; the list points into it.
        let all = ([path] + arguments).map { $0 + [0] }
        var bytes = all.flatMap { $0 }.map { CChar(bitPattern: $0) }
        var status: Int32 = 0
        let answer = unsafe bytes.withUnsafeMutableBufferPointer { room -> Int32 in
            guard let base = room.baseAddress else { return -EINVAL }
            var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
            var offset = 0
            for text in all {
                unsafe pointers.append(base + offset)
                offset += text.count
            }
            unsafe pointers.append(nil)
            return unsafe clinux_run(base, pointers, &status)
        }
        guard answer == 0 else {
            return .notStarted(
                SystemError("execv", String(decoding: path, as: UTF8.self), answer: answer))
        }
        let signal = clinux_exit_signal(status)
        return signal >= 0 ? .signalled(signal) : .exited(clinux_exit_status(status))
    }
}
