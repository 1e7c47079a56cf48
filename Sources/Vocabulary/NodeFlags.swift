// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The state of a node as the cluster sees it.
///
/// - Source: `NODE_FLAGS_*`, `ctdb/protocol/protocol.h`, Samba 4.17.
public struct NodeFlags: OptionSet, Hashable, Sendable {
    /// The bits as they stand on the wire.
    public let rawValue: UInt32

    /// Makes flags from bits; unknown bits are kept.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The transport to the node is down.
    public static let disconnected = NodeFlags(rawValue: 0x01)
    /// A monitor event failed.
    public static let unhealthy = NodeFlags(rawValue: 0x02)
    /// An administrator disabled it.
    public static let permanentlyDisabled = NodeFlags(rawValue: 0x04)
    /// Kept out of the cluster after misbehaviour.
    public static let banned = NodeFlags(rawValue: 0x08)
    /// Taken out of the nodes file.
    public static let deleted = NodeFlags(rawValue: 0x10)
    /// An administrator stopped it.
    public static let stopped = NodeFlags(rawValue: 0x20)

    /// Not able to host addresses.
    public static let disabled: NodeFlags = [.unhealthy, .permanentlyDisabled]
    /// Not taking part in the cluster's databases.
    public static let inactive: NodeFlags = [.deleted, .disconnected, .banned, .stopped]

    /// Whether the node takes no part in the cluster's databases.
    public var isInactive: Bool { !isDisjoint(with: .inactive) }
    /// Whether the transport to the node is up.
    public var isConnected: Bool { isDisjoint(with: [.disconnected, .deleted]) }
}
