// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What a message to one of ctdbd's own srvids says, typed.
///
/// Answers to such messages go to a srvid that the asker chose, so they have no case: a recovery
/// daemon answers `SrvIDMessage` and `DisableMessage` with 32 bits, its pnn or a negative number,
/// and SRVID_MEM_DUMP with text. A traversal sends `RecordData` to a srvid of the client's.
///
/// - Shape: the data of a `RequestMessage`; each case says which.
/// - Errors: those of the payload types.
/// - Source: `ctdb_message_data_push`, ctdb/protocol/protocol_message.c;
///   ctdb/server/ctdb_recoverd.c, Samba 4.17; later ones say so.
public enum MessagePayload: Equatable, Sendable {
    /// SRVID_RECOVERY with lower bits that the recovery helper chose: `RecordBuffer`.
    case recovery(SrvID, RecordBuffer)
    /// SRVID_BANNING: the pnn of a node that gets a banning credit.
    case banning(PNN)
    /// SRVID_ELECTION: `ElectionMessage`.
    case election(ElectionMessage)
    /// SRVID_LEADER: the pnn of the leader; since 4.16.
    case leader(PNN)
    /// SRVID_RECONFIGURE; no data.
    case reconfigure
    /// SRVID_RELEASE_IP: the address as text, with its NUL.
    case releaseIP(String)
    /// SRVID_TAKE_IP: the address as text, with its NUL.
    case takeIP(String)
    /// SRVID_IPREALLOCATED; no data; since 4.20.
    case ipReallocated
    /// SRVID_START_IPREALLOCATE; no data; since 4.21.
    case startIPReallocate
    /// SRVID_SET_NODE_FLAGS: `NodeFlagChange`.
    case setNodeFlags(NodeFlagChange)
    /// SRVID_PUSH_NODE_FLAGS: `NodeFlagChange`.
    case pushNodeFlags(NodeFlagChange)
    /// SRVID_RECD_UPDATE_IP: `PublicIP`.
    case updateIP(PublicIP)
    /// SRVID_VACUUM_FETCH: `RecordBuffer`.
    case vacuumFetch(RecordBuffer)
    /// SRVID_DETACH_DATABASE: the id.
    case detachDatabase(DatabaseID)
    /// SRVID_MEM_DUMP: `SrvIDMessage`.
    case memoryDump(SrvIDMessage)
    /// SRVID_RELOAD_NODES; no data.
    case reloadNodes
    /// SRVID_TAKEOVER_RUN: `SrvIDMessage`.
    case takeoverRun(SrvIDMessage)
    /// SRVID_REBALANCE_NODE: the pnn of the node that gets addresses again.
    case rebalanceNode(PNN)
    /// SRVID_DISABLE_TAKEOVER_RUNS: `DisableMessage`.
    case disableTakeoverRuns(DisableMessage)
    /// SRVID_DISABLE_RECOVERIES: `DisableMessage`.
    case disableRecoveries(DisableMessage)
    /// SRVID_DISABLE_IP_CHECK: 32 bits, in seconds.
    case disableIPCheck(timeoutSeconds: UInt32)
    /// A message to any other srvid, byte for byte.
    case other(SrvID, data: ArraySlice<UInt8>)

    /// Whom the message goes to.
    public var srvid: SrvID {
        switch self {
        case .recovery(let srvid, _), .other(let srvid, _): srvid
        case .banning: .banning
        case .election: .election
        case .leader: .leader
        case .reconfigure: .reconfigure
        case .releaseIP: .releaseIP
        case .takeIP: .takeIP
        case .ipReallocated: .ipReallocated
        case .startIPReallocate: .startIPReallocate
        case .setNodeFlags: .setNodeFlags
        case .pushNodeFlags: .pushNodeFlags
        case .updateIP: .updateIP
        case .vacuumFetch: .vacuumFetch
        case .detachDatabase: .detachDatabase
        case .memoryDump: .memoryDump
        case .reloadNodes: .reloadNodes
        case .takeoverRun: .takeoverRun
        case .rebalanceNode: .rebalanceNode
        case .disableTakeoverRuns: .disableTakeoverRuns
        case .disableRecoveries: .disableRecoveries
        case .disableIPCheck: .disableIPCheck
        }
    }
}

extension MessagePayload {
    /// Reads what a message says.
    ///
    /// - Parameters:
    ///   - srvid: whom it went to.
    ///   - data: its data.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: the message, typed.
    /// - Throws: `WireError` when the data does not belong to the srvid.
    public static func decode(
        srvid: SrvID, data: ArraySlice<UInt8>, layout: LegacyLayout
    ) throws(WireError) -> Self {
        switch srvid {
        case .banning: return .banning(try .decode(data, layout: layout))
        case .election: return .election(try .decode(data, layout: layout))
        case .leader: return .leader(try .decode(data, layout: layout))
        case .reconfigure: return .reconfigure
        case .releaseIP: return .releaseIP(try text(data, layout: layout))
        case .takeIP: return .takeIP(try text(data, layout: layout))
        case .ipReallocated: return .ipReallocated
        case .startIPReallocate: return .startIPReallocate
        case .setNodeFlags: return .setNodeFlags(try .decode(data, layout: layout))
        case .pushNodeFlags: return .pushNodeFlags(try .decode(data, layout: layout))
        case .updateIP: return .updateIP(try .decode(data, layout: layout))
        case .vacuumFetch: return .vacuumFetch(try .decode(data, layout: layout))
        case .detachDatabase: return .detachDatabase(try .decode(data, layout: layout))
        case .memoryDump: return .memoryDump(try .decode(data, layout: layout))
        case .reloadNodes: return .reloadNodes
        case .takeoverRun: return .takeoverRun(try .decode(data, layout: layout))
        case .rebalanceNode: return .rebalanceNode(try .decode(data, layout: layout))
        case .disableTakeoverRuns:
            return .disableTakeoverRuns(try .decode(data, layout: layout))
        case .disableRecoveries: return .disableRecoveries(try .decode(data, layout: layout))
        case .disableIPCheck:
            var reader = layout.reader(over: data)
            return .disableIPCheck(
                timeoutSeconds: try reader.readUInt32("timeout", of: "MessagePayload"))
        case _ where srvid.isRecovery:
            return .recovery(srvid, try .decode(data, layout: layout))
        default: return .other(srvid, data: data)
        }
    }

    /// The message as the body of a packet.
    ///
    /// - Parameter layout: the layout of the machine that will read it.
    /// - Returns: the body.
    /// - Throws: `.badString` for an address with a NUL inside; `.invalidValue` for records to a
    ///   srvid that is no recovery's.
    public func encode(layout: LegacyLayout) throws(WireError) -> RequestMessage {
        var writer = layout.writer()
        switch self {
        case .reconfigure, .ipReallocated, .startIPReallocate, .reloadNodes: break
        case .releaseIP(let address), .takeIP(let address):
            try writer.writeTerminated(address, "ipaddr", of: "MessagePayload")
        case .disableIPCheck(let timeout): writer.write(timeout)
        case .other(_, let data): writer.write(contentsOf: data)
        case .recovery(let srvid, _) where !srvid.isRecovery:
            throw WireError(
                code: .invalidValue(srvid.rawValue), type: "MessagePayload", field: "srvid",
                offset: 0)
        default: try value?.encode(into: &writer, layout: layout)
        }
        return RequestMessage(srvid: srvid, data: writer.finish()[...])
    }

    /// The data of the messages where it is a type of its own.
    private var value: (any LegacyCoding)? {
        switch self {
        case .recovery(_, let buffer), .vacuumFetch(let buffer): buffer
        case .banning(let pnn), .leader(let pnn), .rebalanceNode(let pnn): pnn
        case .election(let message): message
        case .setNodeFlags(let change), .pushNodeFlags(let change): change
        case .updateIP(let address): address
        case .detachDatabase(let id): id
        case .memoryDump(let message), .takeoverRun(let message): message
        case .disableTakeoverRuns(let message), .disableRecoveries(let message): message
        default: nil
        }
    }

    /// The rest as one string, whose NUL may be missing.
    private static func text(
        _ data: ArraySlice<UInt8>, layout: LegacyLayout
    ) throws(WireError) -> String {
        var reader = layout.reader(over: data)
        return try reader.readString(data.count, "ipaddr", of: "MessagePayload")
    }
}

extension SrvID {
    /// Whether the number is one of those that a recovery uses for its records.
    var isRecovery: Bool { rawValue >> 48 == SrvID.recovery.rawValue >> 48 }
}
