// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What a legacy packet asks or answers.
///
/// - Source: `enum ctdb_operation`, ctdb/protocol/protocol.h, Samba 4.17.
public enum Operation: Hashable, Sendable {
    /// Run a function on a record; used to fetch it.
    case requestCall
    /// The result of a call.
    case replyCall
    /// Give a record to another node, by way of its location master.
    case requestDmaster
    /// A record and its ownership.
    case replyDmaster
    /// A call or a change of ownership failed.
    case replyError
    /// A message to the clients registered for a srvid.
    case requestMessage
    /// A control.
    case requestControl
    /// The result of a control.
    case replyControl
    /// A sign of life between nodes.
    case requestKeepalive
    /// A message to the one client registered for a tunnel.
    case requestTunnel
    /// A number that no release up to 4.25 defines.
    case unknown(UInt32)

    /// Makes an operation from the number on the wire.
    public init(rawValue: UInt32) {
        switch rawValue {
        case 0: self = .requestCall
        case 1: self = .replyCall
        case 2: self = .requestDmaster
        case 3: self = .replyDmaster
        case 4: self = .replyError
        case 5: self = .requestMessage
        case 7: self = .requestControl
        case 8: self = .replyControl
        case 9: self = .requestKeepalive
        case 10: self = .requestTunnel
        default: self = .unknown(rawValue)
        }
    }

    /// The number on the wire.
    public var rawValue: UInt32 {
        switch self {
        case .requestCall: 0
        case .replyCall: 1
        case .requestDmaster: 2
        case .replyDmaster: 3
        case .replyError: 4
        case .requestMessage: 5
        case .requestControl: 7
        case .replyControl: 8
        case .requestKeepalive: 9
        case .requestTunnel: 10
        case .unknown(let value): value
        }
    }
}
