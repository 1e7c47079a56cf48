// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Vocabulary

/// Tells the service manager how the daemon does.
///
/// Without a manager every call does nothing. What the manager's socket does not take is thrown,
/// for the daemon to log and go on.
///
/// - Source: sd_notify(3), sd_watchdog_enabled(3).
public final class ServiceNotifier {
    private let sender: DatagramSender?

    /// Connects to the manager's socket.
    ///
    /// - Parameter name: a path, or `@` and an abstract name; nil when there is no manager.
    /// - Throws: why nobody receives there.
    public init(socket name: String?) throws(SystemError) {
        guard let name, !name.isEmpty else {
            sender = nil
            return
        }
        if name.hasPrefix("@") {
            sender = try DatagramSender(connectedToAbstract: String(name.dropFirst()))
        } else {
            sender = try DatagramSender(connectedTo: name)
        }
    }

    /// Connects to the socket that the environment names, in `NOTIFY_SOCKET`.
    public convenience init() throws(SystemError) {
        try self.init(socket: ProcessEnvironment.variable("NOTIFY_SOCKET"))
    }

    /// Says that the daemon serves, after its start or after a reload.
    public func ready() throws(SystemError) { try send("READY=1") }

    /// Says in a few words what the daemon does.
    public func status(_ text: String) throws(SystemError) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        try send("STATUS=\(line)")
    }

    /// Says that the daemon reads its configuration again; `ready` ends that.
    public func reloading(at now: Instant) throws(SystemError) {
        try send("RELOADING=1\nMONOTONIC_USEC=\(now.nanoseconds / 1000)")
    }

    /// Says that the daemon ends.
    public func stopping() throws(SystemError) { try send("STOPPING=1") }

    /// Says that the daemon is alive.
    public func watchdog() throws(SystemError) { try send("WATCHDOG=1") }

    /// Says that the daemon is alive whenever half of the manager's patience is over.
    ///
    /// - Parameters:
    ///   - loop: what must be alive.
    ///   - milliseconds: how long the manager waits, from `watchdogMilliseconds`.
    ///   - failed: runs when the manager's socket does not take it; it is tried again later.
    /// - Returns: the timer, which the caller removes when the daemon ends.
    public func feedWatchdog(
        from loop: EventLoop, every milliseconds: UInt64,
        failed: @escaping (SystemError) -> Void
    ) -> EventLoop.TimerToken {
        let half = max(milliseconds / 2, 1)
        // A timer knows itself only after it is made.
        let own = TimerBox()
        let timer = loop.makeTimer { [unowned loop] in
            do throws(SystemError) { try self.watchdog() } catch { failed(error) }
            if let timer = own.timer {
                loop.arm(timer, at: loop.now.advanced(byMilliseconds: half))
            }
        }
        own.timer = timer
        loop.arm(timer, at: loop.now)
        return timer
    }

    /// How long the manager waits for a sign of life, or nil when it does not.
    ///
    /// - Parameters:
    ///   - microseconds: the value of `WATCHDOG_USEC`.
    ///   - pid: the value of `WATCHDOG_PID`; the watchdog is for that process only.
    ///   - ownPID: this process.
    /// - Returns: milliseconds, at least one.
    public static func watchdogMilliseconds(
        microseconds: String?, pid: String?, ownPID: Int32
    ) -> UInt64? {
        guard let microseconds = microseconds.flatMap({ UInt64($0) }), microseconds > 0 else {
            return nil
        }
        if let pid, Int32(pid) != ownPID { return nil }
        return max(microseconds / 1000, 1)
    }

    /// How long the manager waits for a sign of life, as the environment says.
    public static func watchdogMilliseconds() -> UInt64? {
        watchdogMilliseconds(
            microseconds: ProcessEnvironment.variable("WATCHDOG_USEC"),
            pid: ProcessEnvironment.variable("WATCHDOG_PID"), ownPID: Credentials.own.pid)
    }

    private func send(_ text: String) throws(SystemError) {
        guard let sender else { return }
        let code: Int32
        switch sender.send(Array(text.utf8)) {
        case .sent: return
        case .failed(let error): throw error
        case .gone(let errno): code = errno
        case .full: code = EAGAIN
        case .tooLarge: code = EMSGSIZE
        }
        throw SystemError(call: "send", path: sender.path, errno: code)
    }
}

private final class TimerBox {
    var timer: EventLoop.TimerToken?
}
