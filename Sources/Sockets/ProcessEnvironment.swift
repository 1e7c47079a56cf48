// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// What a process is given by, and asks of, the machine that it runs on.
public enum ProcessEnvironment {
    /// The value of an environment variable, or nil when it is not set.
    public static func variable(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }

    /// A random number that nobody can guess, to seed generators with.
    public static func randomSeed() throws(SystemError) -> UInt64 {
        var seed: UInt64 = 0
        let answer = unsafe withUnsafeMutableBytes(of: &seed) { room in
            unsafe clinux_random(room.baseAddress, room.count)
        }
        guard answer == 0 else { throw SystemError("getrandom", answer: answer) }
        return seed
    }

    /// Milliseconds since the beginning of 1970 in UTC, for people to read.
    public static func wallClockMilliseconds() -> UInt64 {
        clinux_clock(CLOCK_REALTIME) / 1_000_000
    }

    /// Nanoseconds since the beginning of 1970 in UTC.
    public static func wallClockNanoseconds() -> UInt64 { clinux_clock(CLOCK_REALTIME) }

    /// What the program of a process is called; empty when it is gone, or nobody may know.
    public static func programName(of pid: Int32) -> String {
        let bytes = (try? SmallFile.read("/proc/\(pid)/comm", limit: 64)) ?? []
        return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    }

    /// Asks for realtime scheduling, first in first out, which children do not inherit.
    public static func requestRealtime(priority: Int32 = 1) throws(SystemError) {
        let answer = clinux_schedule_realtime(priority)
        guard answer == 0 else {
            throw SystemError("sched_setscheduler SCHED_FIFO", answer: answer)
        }
    }

    /// Asks to come before or behind other processes where no realtime scheduling is asked for.
    ///
    /// - Parameter niceness: from -20, which comes first, to 19.
    /// - Throws: `EACCES` for one below the present one, without the capability CAP_SYS_NICE.
    public static func request(niceness: Int32) throws(SystemError) {
        guard setpriority(Int32(PRIO_PROCESS.rawValue), 0, niceness) == 0 else {
            throw SystemError(call: "setpriority", errno: errno)
        }
    }

    /// How much this process lets others go first, from -20 to 19.
    public static var niceness: Int32 { getpriority(Int32(PRIO_PROCESS.rawValue), 0) }

    /// Keeps the allocator from making a heap per thread; to be called first.
    public static func limitHeaps() { clinux_limit_arenas(1) }

    /// Gives the kernel back what is not needed after the start: freed memory, and code.
    public static func trimMemory() { clinux_trim_memory() }

    /// Lets another thread or process have the processor.
    public static func yield() { _ = sched_yield() }

    /// Has the kernel end this process unless this is called again within so many seconds.
    ///
    /// 0 ends that. For a daemon that holds something back which must go on when the daemon hangs.
    public static func endUnlessRenewed(withinSeconds seconds: UInt32) { _ = alarm(seconds) }
}
