// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux

/// What a process may do to the network.
public struct ProcessCapabilities: OptionSet, Hashable, Sendable {
    /// The bits, as the kernel numbers them.
    public let rawValue: UInt64

    /// Makes a set of bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Changes addresses and links, and ends sockets of others.
    public static let networkAdministration = ProcessCapabilities(rawValue: 1 << 12)
    /// Opens packet and raw sockets.
    public static let rawSockets = ProcessCapabilities(rawValue: 1 << 13)

    /// What this thread may do now.
    public static func current() throws(SystemError) -> ProcessCapabilities {
        var bits: UInt64 = 0
        let answer = unsafe clinux_capabilities(&bits)
        guard answer == 0 else { throw SystemError("capget", answer: answer) }
        return ProcessCapabilities(rawValue: bits)
    }
}
