// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// Another process that is kept from running for a while, by the kernel's means for debuggers.
///
/// When this process ends, however it ends, the kernel lets the other one go on. Signals for the
/// frozen process wait, but for SIGKILL. Everything here belongs to the thread that froze it.
///
/// - Source: ptrace(2): PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_PEEKSIGINFO.
public final class FrozenProcess {
    /// How far it is with stopping.
    public enum State: Equatable, Sendable {
        /// It still runs.
        case running
        /// It runs no more.
        case frozen
        /// A signal came first, or it was stopped before; it has to be let go.
        case signalled(Int32)
        /// It has ended.
        case ended
    }

    /// The process.
    public let pid: Int32
    private var state = State.running
    private var isHeld = true

    /// Asks a process to stop; `look` says when it has.
    ///
    /// - Throws: `EPERM` with what stands in the way, or `ESRCH` when there is no such process.
    public init(pid: Int32) throws(SystemError) {
        self.pid = pid
        let answer = clinux_trace_begin(pid)
        guard answer == 0 else {
            throw SystemError(
                call: "ptrace PTRACE_SEIZE", path: "process \(pid)", errno: 0 &- answer,
                advice: answer == -EPERM ? Self.obstacle(to: pid) : nil)
        }
    }

    deinit { letGo() }

    /// Looks whether it has stopped; does not wait.
    public func look() -> State {
        guard isHeld, state == .running else { return state }
        var code: Int32 = 0
        switch unsafe clinux_trace_look(pid, &code) {
        case 0: break
        case 1: state = .frozen
        case 2: state = .signalled(code)
        default:
            state = .ended
            isHeld = false
        }
        return state
    }

    /// Whether it was waiting for something to happen, and nothing had happened.
    ///
    /// - Throws: `ENOSYS` on a processor whose registers are not known.
    public func wasIdle() throws(SystemError) -> Bool {
        let answer = clinux_trace_waits_for_events(pid)
        guard answer >= 0 else {
            throw SystemError("ptrace PTRACE_GETREGSET", "process \(pid)", answer: answer)
        }
        return answer == 1
    }

    /// The numbers of the signals that wait for it.
    public func pendingSignals() throws(SystemError) -> Set<Int32> {
        var bits: UInt64 = 0
        let answer = unsafe clinux_trace_pending(pid, &bits)
        guard answer == 0 else {
            throw SystemError("ptrace PTRACE_PEEKSIGINFO", "process \(pid)", answer: answer)
        }
        return Set((1...64).filter { bits & 1 << UInt64($0 - 1) != 0 })
    }

    /// Lets it go on, with the signal that had stopped it.
    public func letGo() {
        guard isHeld else { return }
        // One that has not stopped yet cannot be let go: it stops within microseconds.
        for _ in 0..<Self.patience where look() == .running { _ = sched_yield() }
        guard isHeld else { return }
        isHeld = false
        var signal: Int32 = 0
        if case .signalled(let number) = state { signal = number }
        _ = clinux_trace_end(pid, signal)
    }

    private static let patience = 100_000

    /// Why this process may not stop another one, and what helps.
    private static func obstacle(to pid: Int32) -> String {
        let target = ProcessFacts(pid: pid)
        if let tracer = target.tracer {
            return "process \(tracer) traces it already: end that first"
        }
        let own = ProcessFacts(pid: getpid())
        guard own.hasTraceCapability else {
            return "CAP_SYS_PTRACE is missing: run as root, and let the service keep it"
        }
        if own.isFiltered {
            return "a seccomp filter forbids it: allow ptrace and pidfd_getfd in the unit"
        }
        return "a security module forbids it: see /proc/sys/kernel/yama/ptrace_scope"
    }
}

extension ProcessWatch {
    /// Makes a copy of a descriptor of the process, which must be one that this process may trace.
    ///
    /// - Throws: `EBADF` when it has no such descriptor, `EPERM` when that is not allowed.
    public func copyDescriptor(_ number: Int32) throws(SystemError) -> FileDescriptor {
        try FileDescriptor(
            clinux_copy_descriptor(descriptor.number, number), "pidfd_getfd",
            "descriptor \(number) of process \(pid)")
    }
}
