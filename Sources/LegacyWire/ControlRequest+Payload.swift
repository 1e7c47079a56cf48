// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

// The controls whose data is a type of its own, by topic.

extension ControlRequest {
    /// Those whose data is a type of its own: daemons and nodes.
    static func decodeNode(
        from control: RequestControl, layout: LegacyLayout
    ) throws(WireError) -> Self? {
        let data = control.data
        switch control.opcode {
        case .setTunable: return .setTunable(try .decode(data, layout: layout))
        case .modifyFlags: return .modifyFlags(try .decode(data, layout: layout))
        case .setVNNMap: return .setVNNMap(try .decode(data, layout: layout))
        case .checkPIDSrvID: return .checkPIDSrvID(try .decode(data, layout: layout))
        case .registerNotify: return .registerNotify(try .decode(data, layout: layout))
        case .echoData: return .echoData(try .decode(data, layout: layout))
        case .setLeader: return .setLeader(try .decode(data, layout: layout))
        case .clusterLockLatency: return .clusterLockLatency(try .decode(data, layout: layout))
        case .setBanState: return .setBanState(try .decode(data, layout: layout))
        default: return nil
        }
    }

    /// Public addresses, interfaces and connections.
    static func decodeAddress(
        from control: RequestControl, layout: LegacyLayout
    ) throws(WireError) -> Self? {
        let data = control.data
        switch control.opcode {
        case .getPublicIPInfo: return .getPublicIPInfo(try .decode(data, layout: layout))
        case .takeoverIP: return .takeoverIP(try .decode(data, layout: layout))
        case .releaseIP: return .releaseIP(try .decode(data, layout: layout))
        case .addPublicIP: return .addPublicIP(try .decode(data, layout: layout))
        case .deletePublicIP: return .deletePublicIP(try .decode(data, layout: layout))
        case .sendGratuitousARP: return .sendGratuitousARP(try .decode(data, layout: layout))
        case .setInterfaceLinkState:
            return .setInterfaceLinkState(try .decode(data, layout: layout))
        case .tcpClient: return .tcpClient(try .decode(data, layout: layout))
        case .tcpAdd: return .tcpAdd(try .decode(data, layout: layout))
        case .tcpAddDelayedUpdate: return .tcpAddDelayedUpdate(try .decode(data, layout: layout))
        case .tcpRemove: return .tcpRemove(try .decode(data, layout: layout))
        case .tcpClientDisconnected:
            return .tcpClientDisconnected(try .decode(data, layout: layout))
        case .tcpClientPassed: return .tcpClientPassed(try .decode(data, layout: layout))
        case .killTCP: return .killTCP(try .decode(data, layout: layout))
        case .getTickleList: return .getTickleList(try .decode(data, layout: layout))
        case .setTickleList: return .setTickleList(try .decode(data, layout: layout))
        default: return nil
        }
    }

    /// Databases as a whole.
    static func decodeDatabase(
        from control: RequestControl, layout: LegacyLayout
    ) throws(WireError) -> Self? {
        let data = control.data
        switch control.opcode {
        case .getDatabasePath: return .getDatabasePath(try .decode(data, layout: layout))
        case .getDatabaseName: return .getDatabaseName(try .decode(data, layout: layout))
        case .getDatabaseHealth: return .getDatabaseHealth(try .decode(data, layout: layout))
        case .setDatabaseHealthy: return .setDatabaseHealthy(try .decode(data, layout: layout))
        case .getDatabaseStatistics:
            return .getDatabaseStatistics(try .decode(data, layout: layout))
        case .enableSequenceNumber: return .enableSequenceNumber(try .decode(data, layout: layout))
        case .updateSequenceNumber: return .updateSequenceNumber(try .decode(data, layout: layout))
        case .setDatabaseReadOnly: return .setDatabaseReadOnly(try .decode(data, layout: layout))
        case .setDatabaseSticky: return .setDatabaseSticky(try .decode(data, layout: layout))
        case .detachDatabase: return .detachDatabase(try .decode(data, layout: layout))
        case .databaseOpenFlags: return .databaseOpenFlags(try .decode(data, layout: layout))
        case .freezeDatabase: return .freezeDatabase(try .decode(data, layout: layout))
        case .thawDatabase: return .thawDatabase(try .decode(data, layout: layout))
        case .databaseTransactionStart:
            return .databaseTransactionStart(try .decode(data, layout: layout))
        case .databaseTransactionCommit:
            return .databaseTransactionCommit(try .decode(data, layout: layout))
        case .databaseTransactionCancel:
            return .databaseTransactionCancel(try .decode(data, layout: layout))
        case .wipeDatabase: return .wipeDatabase(try .decode(data, layout: layout))
        default: return nil
        }
    }

    /// Records, recoveries and traversals.
    static func decodeRecord(
        from control: RequestControl, layout: LegacyLayout
    ) throws(WireError) -> Self? {
        let data = control.data
        switch control.opcode {
        case .databasePull: return .databasePull(try .decode(data, layout: layout))
        case .databasePushStart: return .databasePushStart(try .decode(data, layout: layout))
        case .databasePushConfirm: return .databasePushConfirm(try .decode(data, layout: layout))
        case .databaseVacuum: return .databaseVacuum(try .decode(data, layout: layout))
        case .updateRecord: return .updateRecord(try .decode(data, layout: layout))
        case .trans3Commit: return .trans3Commit(try .decode(data, layout: layout))
        case .tryDeleteRecords: return .tryDeleteRecords(try .decode(data, layout: layout))
        case .vacuumFetch: return .vacuumFetch(try .decode(data, layout: layout))
        case .receiveRecords: return .receiveRecords(try .decode(data, layout: layout))
        case .pullDatabase: return .pullDatabase(try .decode(data, layout: layout))
        case .pushDatabase: return .pushDatabase(try .decode(data, layout: layout))
        case .scheduleForDeletion: return .scheduleForDeletion(try .decode(data, layout: layout))
        case .pushRecord: return .pushRecord(try .decode(data, layout: layout))
        case .traverseStart: return .traverseStart(try .decode(data, layout: layout))
        case .traverseStartExtended:
            return .traverseStartExtended(try .decode(data, layout: layout))
        case .traverseKill: return .traverseKill(try .decode(data, layout: layout))
        case .traverseAll: return .traverseAll(try .decode(data, layout: layout))
        case .traverseAllExtended: return .traverseAllExtended(try .decode(data, layout: layout))
        default: return nil
        }
    }
}
