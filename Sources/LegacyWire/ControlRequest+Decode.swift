// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

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
        if let request = withoutData[control.opcode] { return request }
        if let request = try decodeSmall(from: control, layout: layout) { return request }
        if let request = try decodeNode(from: control, layout: layout) { return request }
        if let request = try decodeAddress(from: control, layout: layout) { return request }
        if let request = try decodeDatabase(from: control, layout: layout) { return request }
        if let request = try decodeRecord(from: control, layout: layout) { return request }
        return .other(opcode: control.opcode, srvid: control.srvid, data: control.data)
    }

    /// Those that are a few fields, or none in the data.
    private static func decodeSmall(
        from control: RequestControl, layout: LegacyLayout
    ) throws(WireError) -> Self? {
        var reader = layout.reader(over: control.data)
        switch control.opcode {
        case .attachDatabase: return try attach(.volatile, from: &reader)
        case .attachPersistentDatabase: return try attach(.persistent, from: &reader)
        case .attachReplicatedDatabase: return try attach(.replicated, from: &reader)
        case .getTunable:
            return .getTunable(
                name: try reader.readCountedString("tun_var", of: "ControlRequest"))
        case .setRecoveryMode:
            let mode = try reader.readUInt32("recmode", of: "ControlRequest")
            return .setRecoveryMode(RecoveryMode(rawValue: mode))
        case .processExists:
            return .processExists(pid: try reader.readInt32("pid", of: "ControlRequest"))
        case .setDebug:
            return .setDebug(level: try reader.readInt32("loglevel", of: "ControlRequest"))
        case .setLmasterRole:
            return .setLmasterRole(try reader.readUInt32("role", of: "ControlRequest") != 0)
        case .setLeaderRole:
            return .setLeaderRole(try reader.readUInt32("role", of: "ControlRequest") != 0)
        case .getPublicIPs:
            return .getPublicIPs(onlyAvailable: control.flags.contains(.onlyAvailable))
        case .getDatabaseSequenceNumber:
            let id = try reader.readUInt32("db_id", of: "ControlRequest")
            try reader.skip(4, "pad", of: "ControlRequest")
            return .getDatabaseSequenceNumber(DatabaseID(rawValue: id))
        case .traverseData:
            let record = try RecordData.decode(from: &reader, layout: layout)
            try reader.finish("ControlRequest")
            return .traverseData(record)
        default: return try decodeSrvID(from: control, layout: layout)
        }
    }

    /// Those that are about srvids and tunnels.
    private static func decodeSrvID(
        from control: RequestControl, layout: LegacyLayout
    ) throws(WireError) -> Self? {
        var reader = layout.reader(over: control.data)
        switch control.opcode {
        case .registerSrvID: return .registerSrvID(control.srvid)
        case .deregisterSrvID: return .deregisterSrvID(control.srvid)
        case .registerTunnel: return .registerTunnel(control.srvid.rawValue)
        case .deregisterTunnel: return .deregisterTunnel(control.srvid.rawValue)
        case .deregisterNotify:
            let srvid = try reader.readUInt64("srvid", of: "ControlRequest")
            return .deregisterNotify(SrvID(rawValue: srvid))
        case .checkSrvIDs:
            var srvids: [SrvID] = []
            while reader.available > 0 {
                srvids.append(
                    SrvID(rawValue: try reader.readUInt64("srvid", of: "ControlRequest")))
            }
            return .checkSrvIDs(srvids)
        default: return nil
        }
    }

    private static func attach(
        _ kind: DatabaseKind, from reader: inout ByteReader
    ) throws(WireError) -> Self {
        .attachDatabase(
            name: try reader.readTerminatedString("db_name", of: "ControlRequest"), kind)
    }
}
