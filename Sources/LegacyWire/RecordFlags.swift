// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What is known about a node's copy of a record.
///
/// - Source: `CTDB_REC_*`, ctdb/protocol/protocol.h, Samba 4.17.
public struct RecordFlags: OptionSet, Hashable, Sendable {
    /// The bits as they stand on the wire.
    public let rawValue: UInt32
    /// Makes flags from bits; unknown bits are kept.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The record has a copy in a database that survives the cluster; in the development version.
    public static let persistent = RecordFlags(rawValue: 0x0000_0001)
    /// Such a record is being stored; in the development version.
    public static let persistentInProgress = RecordFlags(rawValue: 0x0000_0002)
    /// The record had data when it came to this node.
    public static let migratedWithData = RecordFlags(rawValue: 0x0001_0000)
    /// The record came here to be vacuumed.
    public static let vacuumMigrated = RecordFlags(rawValue: 0x0002_0000)
    /// The header was made on the spot for a record that was not there.
    public static let automatic = RecordFlags(rawValue: 0x0004_0000)
    /// Other nodes have read-only copies.
    public static let readOnlyHasDelegations = RecordFlags(rawValue: 0x0100_0000)
    /// This is a read-only copy.
    public static let readOnlyCopy = RecordFlags(rawValue: 0x0200_0000)
    /// The read-only copies are being called back.
    public static let readOnlyRevoking = RecordFlags(rawValue: 0x0400_0000)
    /// They have been called back.
    public static let readOnlyRevoked = RecordFlags(rawValue: 0x0800_0000)
    /// Everything about read-only copies; a recovery takes it away.
    public static let readOnly: RecordFlags = [
        .readOnlyHasDelegations, .readOnlyCopy, .readOnlyRevoking, .readOnlyRevoked,
    ]
}
