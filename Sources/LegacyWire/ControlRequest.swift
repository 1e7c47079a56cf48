// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A control with what it needs to know, typed.
///
/// - Shape: the opcode, the srvid and the data of a `RequestControl`; each case says which.
/// - Errors: those of the payload types; `.badString` for a database name without a NUL.
/// - Source: `ctdb_control_dispatch`, ctdb/server/ctdb_control.c;
///   ctdb/protocol/protocol_control.c, Samba 4.17.
public enum ControlRequest: Equatable, Sendable {
    /// How a database is kept; each kind has its own opcode.
    public enum DatabaseKind: Sendable, CaseIterable {
        /// On the node that uses a record; lost when the cluster stops.
        case volatile
        /// All of it on every node; survives a restart.
        case persistent
        /// All of it on every node; lost when the cluster stops. Since 4.7.
        case replicated
    }

    /// PING; no data.
    case ping
    /// GET_PNN; no data.
    case getPNN
    /// GET_PID; no data.
    case getPID
    /// GET_RECMODE; no data.
    case getRecoveryMode
    /// GET_RECMASTER; no data; until 4.15.
    case getLeader
    /// GETVNNMAP; no data.
    case getVNNMap
    /// GET_NODEMAP; no data.
    case getNodeMap
    /// GET_DBMAP; no data.
    case getDatabaseMap
    /// UPTIME; no data.
    case uptime
    /// GET_CAPABILITIES; no data.
    case getCapabilities
    /// GET_RUNSTATE; no data.
    case getRunState
    /// GETDBPATH; the id.
    case getDatabasePath(DatabaseID)
    /// DB_ATTACH, DB_ATTACH_PERSISTENT or DB_ATTACH_REPLICATED; the name with its NUL.
    case attachDatabase(name: String, DatabaseKind)
    /// GET_TUNABLE; the count, the name and its NUL.
    case getTunable(name: String)
    /// SET_TUNABLE; `Tunable`.
    case setTunable(Tunable)
    /// MODIFY_FLAGS; `NodeFlagChange`.
    case modifyFlags(NodeFlagChange)
    /// SET_RECMODE; the mode in 32 bits.
    case setRecoveryMode(RecoveryMode)
    /// SETVNNMAP; `VNNMap`.
    case setVNNMap(VNNMap)
    /// REGISTER_SRVID; the srvid of the control.
    case registerSrvID(SrvID)
    /// DEREGISTER_SRVID; the srvid of the control.
    case deregisterSrvID(SrvID)
    /// CHECK_SRVIDS; 8 bytes for each srvid; until 4.7.
    case checkSrvIDs([SrvID])
    /// TUNNEL_REGISTER; the srvid of the control is the tunnel.
    case registerTunnel(UInt64)
    /// TUNNEL_DEREGISTER; the srvid of the control is the tunnel.
    case deregisterTunnel(UInt64)
    /// Any other control, byte for byte.
    case other(opcode: ControlOpcode, srvid: SrvID, data: ArraySlice<UInt8>)

    /// What to do.
    public var opcode: ControlOpcode {
        switch self {
        case .ping: .ping
        case .getPNN: .getPNN
        case .getPID: .getPID
        case .getRecoveryMode: .getRecoveryMode
        case .getLeader: .getLeader
        case .getVNNMap: .getVNNMap
        case .getNodeMap: .getNodeMap
        case .getDatabaseMap: .getDatabaseMap
        case .uptime: .uptime
        case .getCapabilities: .getCapabilities
        case .getRunState: .getRunState
        case .getDatabasePath: .getDatabasePath
        case .attachDatabase(_, .volatile): .attachDatabase
        case .attachDatabase(_, .persistent): .attachPersistentDatabase
        case .attachDatabase(_, .replicated): .attachReplicatedDatabase
        case .getTunable: .getTunable
        case .setTunable: .setTunable
        case .modifyFlags: .modifyFlags
        case .setRecoveryMode: .setRecoveryMode
        case .setVNNMap: .setVNNMap
        case .registerSrvID: .registerSrvID
        case .deregisterSrvID: .deregisterSrvID
        case .checkSrvIDs: .checkSrvIDs
        case .registerTunnel: .registerTunnel
        case .deregisterTunnel: .deregisterTunnel
        case .other(let opcode, _, _): opcode
        }
    }

    /// The srvid of the control: whom or what it is about, 0 in most.
    public var srvid: SrvID {
        switch self {
        case .registerSrvID(let srvid), .deregisterSrvID(let srvid): srvid
        case .registerTunnel(let tunnel), .deregisterTunnel(let tunnel):
            SrvID(rawValue: tunnel)
        case .other(_, let srvid, _): srvid
        default: SrvID(rawValue: 0)
        }
    }
}

extension ControlRequest {
    /// Reads what a control is about.
    ///
    /// - Parameters:
    ///   - control: the body of a packet.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: the control, typed.
    /// - Throws: `WireError` when the data does not belong to the opcode.
    public static func decode(
        from control: RequestControl, layout: LegacyLayout
    ) throws(WireError) -> Self {
        var reader = layout.reader(over: control.data)
        switch control.opcode {
        case .ping: return .ping
        case .getPNN: return .getPNN
        case .getPID: return .getPID
        case .getRecoveryMode: return .getRecoveryMode
        case .getLeader: return .getLeader
        case .getVNNMap: return .getVNNMap
        case .getNodeMap: return .getNodeMap
        case .getDatabaseMap: return .getDatabaseMap
        case .uptime: return .uptime
        case .getCapabilities: return .getCapabilities
        case .getRunState: return .getRunState
        case .getDatabasePath:
            let id = try reader.readUInt32("db_id", of: "ControlRequest")
            return .getDatabasePath(DatabaseID(rawValue: id))
        case .attachDatabase:
            return try attach(.volatile, from: &reader)
        case .attachPersistentDatabase:
            return try attach(.persistent, from: &reader)
        case .attachReplicatedDatabase:
            return try attach(.replicated, from: &reader)
        case .getTunable:
            return .getTunable(
                name: try reader.readCountedString("tun_var", of: "ControlRequest"))
        case .setTunable:
            return .setTunable(try Tunable.decode(from: &reader, layout: layout))
        case .modifyFlags:
            return .modifyFlags(try NodeFlagChange.decode(from: &reader, layout: layout))
        case .setRecoveryMode:
            let mode = try reader.readUInt32("recmode", of: "ControlRequest")
            return .setRecoveryMode(RecoveryMode(rawValue: mode))
        case .setVNNMap:
            return .setVNNMap(try VNNMap.decode(from: &reader, layout: layout))
        case .registerSrvID: return .registerSrvID(control.srvid)
        case .deregisterSrvID: return .deregisterSrvID(control.srvid)
        case .checkSrvIDs:
            var srvids: [SrvID] = []
            while reader.available > 0 {
                srvids.append(
                    SrvID(rawValue: try reader.readUInt64("srvid", of: "ControlRequest")))
            }
            return .checkSrvIDs(srvids)
        case .registerTunnel: return .registerTunnel(control.srvid.rawValue)
        case .deregisterTunnel: return .deregisterTunnel(control.srvid.rawValue)
        default:
            return .other(opcode: control.opcode, srvid: control.srvid, data: control.data)
        }
    }

    /// The control as the body of a packet.
    ///
    /// - Parameters:
    ///   - layout: the layout of the machine that will read it.
    ///   - flags: how it is to be done.
    ///   - clientID: the client that asked; 0 when a client sends it.
    /// - Returns: the body.
    /// - Throws: `WireError` when a name cannot be expressed.
    public func encode(
        layout: LegacyLayout, flags: RequestControl.Flags = [], clientID: UInt32 = 0
    ) throws(WireError) -> RequestControl {
        var writer = layout.writer()
        switch self {
        case .ping, .getPNN, .getPID, .getRecoveryMode, .getLeader, .getVNNMap, .getNodeMap,
            .getDatabaseMap, .uptime, .getCapabilities, .getRunState, .registerSrvID,
            .deregisterSrvID, .registerTunnel, .deregisterTunnel:
            break
        case .getDatabasePath(let id): writer.write(id.rawValue)
        case .attachDatabase(let name, _):
            try writer.writeTerminated(name, "db_name", of: "ControlRequest")
        case .getTunable(let name):
            try writer.writeCounted(name, "tun_var", of: "ControlRequest")
        case .setTunable(let tunable): try tunable.encode(into: &writer, layout: layout)
        case .modifyFlags(let change): change.encode(into: &writer, layout: layout)
        case .setRecoveryMode(let mode): writer.write(mode.rawValue)
        case .setVNNMap(let map): try map.encode(into: &writer, layout: layout)
        case .checkSrvIDs(let srvids):
            for srvid in srvids { writer.write(srvid.rawValue) }
        case .other(_, _, let data): writer.write(contentsOf: data)
        }
        return RequestControl(
            opcode: opcode, srvid: srvid, clientID: clientID, flags: flags,
            data: writer.finish()[...])
    }

    private static func attach(
        _ kind: DatabaseKind, from reader: inout ByteReader
    ) throws(WireError) -> Self {
        .attachDatabase(
            name: try reader.readTerminatedString("db_name", of: "ControlRequest"), kind)
    }
}
