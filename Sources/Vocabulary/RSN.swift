// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Record sequence number: grows with each change of ownership of a record.
///
/// - Source: `struct ctdb_ltdb_header`, `ctdb/protocol/protocol.h`, Samba 4.17.
public struct RSN: Hashable, Sendable, CustomStringConvertible {
    /// The number as it stands on the wire.
    public var rawValue: UInt64

    /// Makes a number; every value is possible on the wire.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The decimal number.
    public var description: String { String(rawValue) }
}
