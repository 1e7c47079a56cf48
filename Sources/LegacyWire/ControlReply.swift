// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What a control answers, typed.
///
/// Some controls answer with the status, where a negative number is a failure, and some with data,
/// where any number but 0 is one.
///
/// - Shape: the status, the data and the error of a `ReplyControl`; each case says which.
/// - Errors: those of the payload types.
/// - Source: `ctdb_control_dispatch`, ctdb/server/ctdb_control.c;
///   ctdb/protocol/protocol_control.c, Samba 4.17.
public enum ControlReply: Equatable, Sendable {
    /// It is done; no data. SET_TUNABLE answers 1 for an obsolete tunable, the others 0.
    case done(status: UInt32)
    /// PING: the number of clients in the status.
    case clientCount(UInt32)
    /// GET_PNN: in the status.
    case pnn(PNN)
    /// GET_PID: in the status.
    case pid(UInt32)
    /// GET_RECMODE: in the status.
    case recoveryMode(RecoveryMode)
    /// GET_RECMASTER: in the status.
    case leader(PNN)
    /// GETVNNMAP: `VNNMap`.
    case vnnMap(VNNMap)
    /// GET_NODEMAP: `NodeMap`.
    case nodeMap(NodeMap)
    /// GET_DBMAP: `DatabaseMap`.
    case databaseMap(DatabaseMap)
    /// GETDBPATH: the path with its NUL, which may be missing.
    case databasePath(String)
    /// DB_ATTACH and the others like it: the id.
    case databaseID(DatabaseID)
    /// GET_TUNABLE: the value.
    case tunable(UInt32)
    /// UPTIME: `Uptime`.
    case uptime(Uptime)
    /// GET_CAPABILITIES: 32 bits.
    case capabilities(Capabilities)
    /// GET_RUNSTATE: 32 bits.
    case runState(RunState)
    /// CHECK_SRVIDS: a bit for each srvid asked about, the first one the lowest.
    case registrations([UInt8])
    /// It failed: the status, which is not 0, and the reason, which is mostly empty.
    case failed(status: Int32, reason: String)
    /// Success of any other control, byte for byte.
    case other(data: ArraySlice<UInt8>)
}

extension ControlReply {
    /// Reads the answer to a control.
    ///
    /// - Parameters:
    ///   - control: the body of a packet.
    ///   - opcode: what was asked; the packet does not say.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: the answer, typed.
    /// - Throws: `WireError` when the data is no answer to the opcode.
    public static func decode(
        from control: ReplyControl, to opcode: ControlOpcode, layout: LegacyLayout
    ) throws(WireError) -> Self {
        guard let status = UInt32(exactly: control.status) else { return failure(control) }
        switch opcode {
        case .ping: return .clientCount(status)
        case .getPNN: return .pnn(PNN(rawValue: status))
        case .getPID: return .pid(status)
        case .getRecoveryMode: return .recoveryMode(RecoveryMode(rawValue: status))
        case .getLeader: return .leader(PNN(rawValue: status))
        case .registerSrvID, .deregisterSrvID, .registerTunnel, .deregisterTunnel, .setTunable,
            .modifyFlags, .setRecoveryMode, .setVNNMap:
            return .done(status: status)
        default:
            guard status == 0 else { return failure(control) }
            return try decode(data: control.data, of: opcode, layout: layout)
        }
    }

    /// The answer as the body of a packet.
    ///
    /// - Parameter layout: the layout of the machine that will read it.
    /// - Returns: the body.
    /// - Throws: `.invalidValue` for a failure with status 0 or a number that would be taken for a
    ///   failure; `.badString` for a path with a NUL inside.
    public func encode(layout: LegacyLayout) throws(WireError) -> ReplyControl {
        var writer = layout.writer()
        switch self {
        case .done(let number), .clientCount(let number), .pid(let number):
            return try Self.reply(status: number)
        case .pnn(let pnn), .leader(let pnn): return try Self.reply(status: pnn.rawValue)
        case .recoveryMode(let mode): return try Self.reply(status: mode.rawValue)
        case .vnnMap(let map): try map.encode(into: &writer, layout: layout)
        case .nodeMap(let map): try map.encode(into: &writer, layout: layout)
        case .databaseMap(let map): try map.encode(into: &writer, layout: layout)
        case .databasePath(let path):
            try writer.writeTerminated(path, "db_path", of: "ControlReply")
        case .databaseID(let id): writer.write(id.rawValue)
        case .tunable(let value): writer.write(value)
        case .uptime(let uptime): uptime.encode(into: &writer, layout: layout)
        case .capabilities(let capabilities): writer.write(capabilities.rawValue)
        case .runState(let state): writer.write(state.rawValue)
        case .registrations(let bits): writer.write(contentsOf: bits)
        case .failed(let status, let reason):
            guard status != 0 else { throw Self.badStatus(0) }
            return ReplyControl(status: status, error: Array(reason.utf8)[...])
        case .other(let data): return ReplyControl(status: 0, data: data)
        }
        return ReplyControl(status: 0, data: writer.finish()[...])
    }

    private static func decode(
        data: ArraySlice<UInt8>, of opcode: ControlOpcode, layout: LegacyLayout
    ) throws(WireError) -> Self {
        var reader = layout.reader(over: data)
        switch opcode {
        case .getVNNMap: return .vnnMap(try VNNMap.decode(from: &reader, layout: layout))
        case .getNodeMap: return .nodeMap(try NodeMap.decode(from: &reader, layout: layout))
        case .getDatabaseMap:
            return .databaseMap(try DatabaseMap.decode(from: &reader, layout: layout))
        case .getDatabasePath:
            return .databasePath(
                try reader.readString(reader.available, "db_path", of: "ControlReply"))
        case .attachDatabase, .attachPersistentDatabase, .attachReplicatedDatabase:
            let id = try reader.readUInt32("db_id", of: "ControlReply")
            return .databaseID(DatabaseID(rawValue: id))
        case .getTunable: return .tunable(try reader.readUInt32("value", of: "ControlReply"))
        case .uptime: return .uptime(try Uptime.decode(from: &reader, layout: layout))
        case .getCapabilities:
            let bits = try reader.readUInt32("capabilities", of: "ControlReply")
            return .capabilities(Capabilities(rawValue: bits))
        case .getRunState:
            let state = try reader.readUInt32("runstate", of: "ControlReply")
            return .runState(RunState(rawValue: state))
        case .checkSrvIDs: return .registrations(Array(data))
        default: return .other(data: data)
        }
    }

    private static func failure(_ control: ReplyControl) -> Self {
        .failed(status: control.status, reason: control.errorText)
    }

    /// A reply that is its status.
    private static func reply(status: UInt32) throws(WireError) -> ReplyControl {
        guard let signed = Int32(exactly: status) else { throw badStatus(status) }
        return ReplyControl(status: signed)
    }

    private static func badStatus(_ status: UInt32) -> WireError {
        WireError(
            code: .invalidValue(UInt64(status)), type: "ControlReply", field: "status", offset: 0)
    }
}
