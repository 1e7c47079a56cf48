// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The address of a message handler: clients register for one and get what is sent to it.
///
/// - Source: `ctdb/protocol/protocol.h`, `ctdb/common/srvid.h`, Samba 4.17.
public struct SrvID: Hashable, Sendable, CustomStringConvertible {
    /// The number as it stands on the wire.
    public var rawValue: UInt64

    /// Makes a number; every value is possible on the wire.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Messages that carry the new protocol between proxies; no release reserves the top byte 0x8E.
    public static let tunnelNewProtocol = SrvID(rawValue: 0x8E00_0000_0000_0000)
    /// Told to every client when the cluster was reconfigured (end of a recovery).
    public static let reconfigure = SrvID(rawValue: 0xF200_0000_0000_0000)
    /// Asks the recovery daemon to read the nodes file again.
    public static let reloadNodes = SrvID(rawValue: 0xFA00_0000_0000_0000)

    /// Hexadecimal.
    public var description: String { "0x" + String(rawValue, radix: 16, uppercase: true) }
}
