// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The hash of a database's name, by which the wire names it.
///
/// - Source: `ctdb/server/ctdb_ltdb_server.c`, Samba 4.17.
public struct DatabaseID: Hashable, Sendable, CustomStringConvertible {
    /// The number as it stands on the wire.
    public var rawValue: UInt32

    /// Makes a number; every value is possible on the wire.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Hexadecimal, as the legacy tool prints it.
    public var description: String { "0x" + String(rawValue, radix: 16) }
}
