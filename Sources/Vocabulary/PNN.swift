// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Physical node number: the position of a node in the nodes file, counted from 0.
///
/// - Source: `ctdb/protocol/protocol.h`, Samba 4.17.
public struct PNN: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number as it stands on the wire.
    public var rawValue: UInt32

    /// Makes a number; every value is possible on the wire.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The node that the request was made on.
    public static let current = PNN(rawValue: 0xF000_0001)
    /// Every node in the nodes file.
    public static let broadcastAll = PNN(rawValue: 0xF000_0002)
    /// Every node that is not inactive (disconnected, banned or stopped).
    public static let broadcastActive = PNN(rawValue: 0xF000_0003)
    /// Every node whose connection is up.
    public static let broadcastConnected = PNN(rawValue: 0xF000_0004)
    /// A list of nodes.
    public static let multicast = PNN(rawValue: 0xF000_0005)
    /// No node.
    public static let unknown = PNN(rawValue: 0xFFFF_FFFF)

    /// Whether the number stands for a place in the nodes file, not for a group of nodes.
    public var isNode: Bool { rawValue < 0xF000_0000 }
    /// Whether the number stands for several nodes.
    public var isBroadcast: Bool {
        self == .broadcastAll || self == .broadcastActive || self == .broadcastConnected
    }

    /// The decimal number, as the legacy tool prints it.
    public var description: String { String(rawValue) }

    /// Orders by number.
    public static func < (lhs: PNN, rhs: PNN) -> Bool { lhs.rawValue < rhs.rawValue }
}
