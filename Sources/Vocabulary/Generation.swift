// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Names one instance of the cluster; a recovery or reconfiguration replaces it.
///
/// - Source: `ctdb/protocol/protocol.h`, Samba 4.17.
public struct Generation: Hashable, Sendable, CustomStringConvertible {
    /// The number as it stands on the wire.
    public var rawValue: UInt32

    /// Makes a number; every value is possible on the wire.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The generation of a node that is in no cluster.
    public static let invalid = Generation(rawValue: 1)

    /// The decimal number.
    public var description: String { String(rawValue) }
}
