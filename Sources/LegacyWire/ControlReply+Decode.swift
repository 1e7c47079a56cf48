// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

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
        case .getMonitorMode: return .monitorMode(status)
        case .registerSrvID, .deregisterSrvID, .registerTunnel, .deregisterTunnel, .setTunable,
            .modifyFlags, .setRecoveryMode, .setVNNMap:
            return .done(status: status)
        default: break
        }
        guard status == 0 else { return failure(control) }
        if answeredWithoutData.contains(opcode) { return .done(status: 0) }
        var reader = layout.reader(over: control.data)
        if let text = try decodeText(from: &reader, of: opcode) { return text }
        if let number = try decodeNumber(from: &reader, of: opcode) { return number }
        if let value = try decodeValue(control.data, of: opcode, layout: layout) { return value }
        return .other(data: control.data)
    }

    /// The controls that answer nothing when they are done.
    private static let answeredWithoutData: Set<ControlOpcode> = [
        .processExists, .resetStatistics, .setDebug, .shutdown, .checkPIDSrvID, .registerNotify,
        .deregisterNotify, .setLeader, .startup, .freeze, .thaw, .enableMonitor, .disableMonitor,
        .startRecovery, .endRecovery, .recoveryDaemonPing, .clusterLockLatency, .stopNode,
        .continueNode, .disableNode, .enableNode, .setLmasterRole, .setLeaderRole, .setBanState,
        .reloadNodesFile, .takeoverIP, .releaseIP, .startIPReallocate, .ipReallocated,
        .addPublicIP, .deletePublicIP, .reloadPublicIPs, .sendGratuitousARP,
        .setInterfaceLinkState, .tcpClient, .tcpAdd, .tcpAddDelayedUpdate, .tcpRemove,
        .tcpClientDisconnected, .tcpClientPassed, .killTCP, .setTickleList, .setDatabaseHealthy,
        .enableSequenceNumber, .updateSequenceNumber, .setDatabaseReadOnly, .setDatabaseSticky,
        .detachDatabase, .freezeDatabase, .thawDatabase, .databaseTransactionStart,
        .databaseTransactionCommit, .databaseTransactionCancel, .wipeDatabase, .databasePushStart,
        .databaseVacuum, .updateRecord, .trans3Commit, .vacuumFetch, .pushDatabase,
        .scheduleForDeletion, .pushRecord, .traverseStart, .traverseStartExtended, .traverseKill,
        .traverseAll, .traverseAllExtended, .traverseData,
    ]

    private static func failure(_ control: ReplyControl) -> Self {
        .failed(status: control.status, reason: control.errorText)
    }

    /// The answers that are one string, which fills the data.
    private static func decodeText(
        from reader: inout ByteReader, of opcode: ControlOpcode
    ) throws(WireError) -> Self? {
        let count = reader.available
        switch opcode {
        case .getDatabasePath:
            return .databasePath(try reader.readString(count, "db_path", of: "ControlReply"))
        case .getDatabaseName:
            return .databaseName(try reader.readString(count, "db_name", of: "ControlReply"))
        case .dumpMemory:
            return .memoryDump(try reader.readString(count, "mem_str", of: "ControlReply"))
        case .getDatabaseHealth:
            guard count > 0 else { return .databaseHealth(nil) }
            return .databaseHealth(try reader.readString(count, "reason", of: "ControlReply"))
        case .getClusterLock:
            guard count > 0 else { return .clusterLock(nil) }
            return .clusterLock(try reader.readString(count, "reclock_file", of: "ControlReply"))
        default: return nil
        }
    }

    /// The answers that are one number, or bits.
    private static func decodeNumber(
        from reader: inout ByteReader, of opcode: ControlOpcode
    ) throws(WireError) -> Self? {
        switch opcode {
        case .getTunable: return .tunable(try reader.readUInt32("value", of: "ControlReply"))
        case .getCapabilities:
            let bits = try reader.readUInt32("capabilities", of: "ControlReply")
            return .capabilities(Capabilities(rawValue: bits))
        case .getRunState:
            let state = try reader.readUInt32("runstate", of: "ControlReply")
            return .runState(RunState(rawValue: state))
        case .getDebug: return .logLevel(try reader.readInt32("loglevel", of: "ControlReply"))
        case .getDatabaseSequenceNumber:
            return .sequenceNumber(try reader.readUInt64("seqnum", of: "ControlReply"))
        case .databasePull, .databasePushConfirm:
            return .recordCount(try reader.readUInt32("num_records", of: "ControlReply"))
        case .databaseOpenFlags:
            return .openFlags(try reader.readInt32("tdb_flags", of: "ControlReply"))
        case .checkSrvIDs:
            return .registrations(
                Array(try reader.readBytes(reader.available, "bits", of: "ControlReply")))
        default: return nil
        }
    }

    /// The answers that are a type of their own.
    private static func decodeValue(
        _ data: ArraySlice<UInt8>, of opcode: ControlOpcode, layout: LegacyLayout
    ) throws(WireError) -> Self? {
        switch opcode {
        case .getVNNMap: return .vnnMap(try .decode(data, layout: layout))
        case .getNodeMap, .getNodesFile:
            return .nodeMap(try .decode(data, layout: layout))
        case .getDatabaseMap: return .databaseMap(try .decode(data, layout: layout))
        case .attachDatabase, .attachPersistentDatabase, .attachReplicatedDatabase:
            return .databaseID(try .decode(data, layout: layout))
        case .uptime: return .uptime(try .decode(data, layout: layout))
        case .statistics: return .statistics(try .decode(data, layout: layout))
        case .getStatisticsHistory: return .statisticsHistory(try .decode(data, layout: layout))
        case .getDatabaseStatistics: return .databaseStatistics(try .decode(data, layout: layout))
        case .listTunables: return .tunableNames(try .decode(data, layout: layout))
        case .getAllTunables: return .tunableValues(try .decode(data, layout: layout))
        case .getPublicIPs: return .publicIPs(try .decode(data, layout: layout))
        case .getPublicIPInfo: return .publicIPInfo(try .decode(data, layout: layout))
        case .getInterfaces: return .interfaces(try .decode(data, layout: layout))
        case .getTickleList: return .tickles(try .decode(data, layout: layout))
        case .getBanState: return .banState(try .decode(data, layout: layout))
        case .tryDeleteRecords, .receiveRecords, .pullDatabase:
            return .records(try .decode(data, layout: layout))
        case .echoData: return .echo(try .decode(data, layout: layout))
        default: return nil
        }
    }
}
