// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

extension ControlRequest {
    /// The control as the body of a packet.
    ///
    /// - Parameters:
    ///   - layout: the layout of the machine that will read it.
    ///   - flags: how it is to be done; those of the question are added.
    ///   - clientID: the client that asked; 0 when a client sends it.
    /// - Returns: the body.
    /// - Throws: `WireError` when a name cannot be expressed.
    public func encode(
        layout: LegacyLayout, flags: RequestControl.Flags = [], clientID: UInt32 = 0
    ) throws(WireError) -> RequestControl {
        var writer = layout.writer()
        if let payload {
            try payload.encode(into: &writer, layout: layout)
        } else {
            try encodeSmall(into: &writer)
        }
        return RequestControl(
            opcode: opcode, srvid: srvid, clientID: clientID, flags: flags.union(self.flags),
            data: writer.finish()[...])
    }

    /// The data of the controls where it is a type of its own.
    private var payload: (any LegacyCoding)? {
        switch self {
        case .getDatabasePath(let id), .getDatabaseName(let id), .getDatabaseHealth(let id),
            .setDatabaseHealthy(let id), .getDatabaseStatistics(let id),
            .enableSequenceNumber(let id), .updateSequenceNumber(let id),
            .setDatabaseReadOnly(let id), .setDatabaseSticky(let id), .detachDatabase(let id),
            .databaseOpenFlags(let id), .freezeDatabase(let id), .thawDatabase(let id),
            .databaseTransactionCancel(let id), .databasePushConfirm(let id):
            id
        case .setTunable(let tunable): tunable
        case .modifyFlags(let change): change
        case .setVNNMap(let map): map
        case .checkPIDSrvID(let value): value
        case .registerNotify(let value): value
        case .echoData(let value): value
        case .setLeader(let value): value
        case .clusterLockLatency(let value): value
        case .setBanState(let value): value
        case .getPublicIPInfo(let address), .getTickleList(let address):
            address
        case .takeoverIP(let address), .releaseIP(let address):
            address
        case .addPublicIP(let info), .deletePublicIP(let info), .sendGratuitousARP(let info):
            info
        case .setInterfaceLinkState(let value): value
        case .tcpClient(let connection), .tcpAdd(let connection),
            .tcpAddDelayedUpdate(let connection), .tcpRemove(let connection),
            .tcpClientDisconnected(let connection), .tcpClientPassed(let connection),
            .killTCP(let connection):
            connection
        case .setTickleList(let list): list
        case .databaseTransactionStart(let value), .databaseTransactionCommit(let value),
            .wipeDatabase(let value):
            value
        case .databasePull(let value), .databasePushStart(let value):
            value
        case .databaseVacuum(let value): value
        case .updateRecord(let buffer), .trans3Commit(let buffer), .tryDeleteRecords(let buffer),
            .vacuumFetch(let buffer), .receiveRecords(let buffer), .pushDatabase(let buffer):
            buffer
        case .pullDatabase(let value): value
        case .scheduleForDeletion(let value): value
        case .pushRecord(let value): value
        case .traverseStart(let value), .traverseKill(let value):
            value
        case .traverseStartExtended(let value): value
        case .traverseAll(let value): value
        case .traverseAllExtended(let value): value
        case .traverseData(let record): record
        default: nil
        }
    }

    /// Appends the data of the others.
    private func encodeSmall(into writer: inout ByteWriter) throws(WireError) {
        switch self {
        case .attachDatabase(let name, _):
            try writer.writeTerminated(name, "db_name", of: "ControlRequest")
        case .getTunable(let name):
            try writer.writeCounted(name, "tun_var", of: "ControlRequest")
        case .setRecoveryMode(let mode): writer.write(mode.rawValue)
        case .processExists(let pid): writer.write(pid)
        case .setDebug(let level): writer.write(level)
        case .setLmasterRole(let has), .setLeaderRole(let has): writer.write(UInt32(has ? 1 : 0))
        case .getDatabaseSequenceNumber(let id):
            writer.write(id.rawValue)
            writer.writeZeros(4)
        case .deregisterNotify(let srvid): writer.write(srvid.rawValue)
        case .checkSrvIDs(let srvids):
            for srvid in srvids { writer.write(srvid.rawValue) }
        case .other(_, _, let data): writer.write(contentsOf: data)
        default: break
        }
    }
}
