// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Whether a node is serving its databases or being recovered.
///
/// - Source: `CTDB_RECOVERY_*`, `ctdb/protocol/protocol.h`, Samba 4.17.
public enum RecoveryMode: Hashable, Sendable {
    /// Databases are served.
    case normal
    /// Databases are frozen for a recovery.
    case active
    /// A number that no release defines.
    case unknown(UInt32)

    /// Makes a mode from the number on the wire.
    public init(rawValue: UInt32) {
        switch rawValue {
        case 0: self = .normal
        case 1: self = .active
        default: self = .unknown(rawValue)
        }
    }

    /// The number on the wire.
    public var rawValue: UInt32 {
        switch self {
        case .normal: 0
        case .active: 1
        case .unknown(let value): value
        }
    }
}
