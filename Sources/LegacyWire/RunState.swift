// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// How far the start of a ctdbd has come: the answer to GET_RUNSTATE.
///
/// - Source: `enum ctdb_runstate`, ctdb/protocol/protocol.h, Samba 4.17.
public enum RunState: Hashable, Sendable {
    /// Before the transport is there.
    case initialising
    /// The setup event runs.
    case setup
    /// Waits for the first recovery.
    case firstRecovery
    /// The startup event runs.
    case startup
    /// In service.
    case running
    /// The daemon is going.
    case shutdown
    /// 0, which is ctdbd's own "unknown", or a number that no release defines.
    case unknown(UInt32)

    /// Makes a state from the number on the wire.
    public init(rawValue: UInt32) {
        switch rawValue {
        case 1: self = .initialising
        case 2: self = .setup
        case 3: self = .firstRecovery
        case 4: self = .startup
        case 5: self = .running
        case 6: self = .shutdown
        default: self = .unknown(rawValue)
        }
    }

    /// The number on the wire.
    public var rawValue: UInt32 {
        switch self {
        case .initialising: 1
        case .setup: 2
        case .firstRecovery: 3
        case .startup: 4
        case .running: 5
        case .shutdown: 6
        case .unknown(let value): value
        }
    }
}
