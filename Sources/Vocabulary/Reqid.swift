// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Pairs a reply with its request on one connection.
///
/// - Source: `ctdb/common/reqid.h`, Samba 4.17.
public struct Reqid: Hashable, Sendable, CustomStringConvertible {
    /// The number as it stands on the wire.
    public var rawValue: UInt32

    /// Makes a number; every value is possible on the wire.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The number that no request has.
    public static let invalid = Reqid(rawValue: 0xFFFF_FFFF)

    /// The decimal number.
    public var description: String { String(rawValue) }
}
