// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

extension ProcessEnvironment {
    /// The program's arguments byte for byte, its name first.
    public static func rawArguments() -> [[UInt8]] {
        let count = Int(CommandLine.argc)
        return unsafe strings(in: CommandLine.unsafeArgv, limit: count)
    }

    /// The environment variables byte for byte; of one that is there twice, the first.
    public static func rawVariables() -> [(name: [UInt8], value: [UInt8])] {
        guard let list = unsafe clinux_environment() else { return [] }
        return unsafe strings(in: list, limit: .max).compactMap { entry in
            guard let sign = entry.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (Array(entry[..<sign]), Array(entry[(sign + 1)...]))
        }
    }

    /// Ends the process.
    public static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    /// The process's number.
    public static var processID: Int32 { getpid() }

    /// Ends the whole process group when it runs for so long, after a line on standard error.
    ///
    /// The exit code is 1. 0 seconds never end it.
    public static func limitRunTime(seconds: UInt32) { clinux_limit_runtime(seconds) }

    /// Makes the process the leader of a group of its own, and says so to children by a variable.
    public static func leadGroup(sayingSoIn variable: String) {
        unsafe clinux_lead_group(variable)
    }

    /// The columns of the terminal that standard output is; nil when it is none.
    public static func terminalWidth() -> Int? {
        let width = Int(clinux_terminal_width(1))
        return width > 0 ? width : nil
    }

    /// A time in the local zone as `ctime` gives it: `Thu Jan  1 00:00:00 1970` and a newline.
    ///
    /// - Parameter seconds: since the beginning of 1970 in UTC.
    /// - Returns: nil for a year that does not fit.
    public static func localTime(seconds: Int64) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        let answer = unsafe text.withUnsafeMutableBufferPointer { room in
            unsafe clinux_local_time(seconds, room.baseAddress, room.count)
        }
        guard answer == 0 else { return nil }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func strings(
        in list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, limit: Int
    ) -> [[UInt8]] {
        var all: [[UInt8]] = []
        var index = 0
        while index < limit, let text = unsafe list[index] {
            all.append(unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
            index += 1
        }
        return all
    }
}
