// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A signal that a daemon acts on.
public enum Signal: Int32, Sendable, CaseIterable {
    /// Read the configuration again.
    case hangup = 1
    /// Stop, from the terminal.
    case interrupt = 2
    /// Say what you are doing.
    case user1 = 10
    /// Stop.
    case terminate = 15
    /// A child has ended.
    case child = 17
}

/// Signals as something to read, so that they come between two iterations and never inside one.
///
/// The signals are blocked in the thread that makes the source, and in the threads and children
/// that begin after that; a child must unblock them before it runs another program. They are let
/// through again when the source goes, in the thread that lets go of it.
public final class SignalSource {
    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    private let blocked: UInt64

    /// Blocks signals and makes them readable; to be done before other threads begin.
    public init(_ signals: Set<Signal>) throws(SystemError) {
        let bits = signals.reduce(UInt64(0)) { $0 | 1 << UInt64($1.rawValue) }
        var previous: UInt64 = 0
        let answer = unsafe clinux_signal_descriptor(bits, &previous)
        descriptor = try FileDescriptor(answer, "signalfd")
        blocked = bits & ~previous
    }

    deinit { _ = clinux_unblock_signals(blocked) }

    /// Takes the next signal that has arrived.
    public func next() -> Signal? {
        Signal(rawValue: clinux_next_signal(descriptor.number))
    }
}
