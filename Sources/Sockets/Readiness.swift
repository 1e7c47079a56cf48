// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// What a descriptor is watched for.
public struct Interest: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set of bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There is something to read, or the end of it.
    public static let read = Interest(rawValue: EPOLLIN.rawValue)
    /// There is room to write.
    public static let write = Interest(rawValue: EPOLLOUT.rawValue)

    /// Only news are reported: what was there at the last report is not reported again.
    public static let edge = Interest(rawValue: EPOLLET.rawValue)

    /// The bits as epoll has them.
    var events: UInt32 { rawValue }
}

/// What a descriptor is ready for.
public struct Readiness: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set of bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There is something to read, or the end of it.
    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    /// There is room to write.
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The other end is gone, or the descriptor has an error.
    public static let closed = Readiness(rawValue: EPOLLHUP.rawValue)

    /// Reads what epoll reports.
    init(events: UInt32) {
        let broken = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        let known = events & (EPOLLIN.rawValue | EPOLLOUT.rawValue)
        self.init(rawValue: known | (broken ? EPOLLHUP.rawValue : 0))
    }
}

extension SlotMap.Key {
    /// Both parts in the 64 bits that epoll carries.
    var packed: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

    /// Takes the parts from the 64 bits that epoll carries.
    init(packed: UInt64) {
        self.init(
            slot: UInt32(truncatingIfNeeded: packed),
            generation: UInt32(truncatingIfNeeded: packed >> 32))
    }
}
