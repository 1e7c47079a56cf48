// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Vocabulary

extension RequestControl {
    /// The controls whose data begins with the id of the database that they are about, or has it
    /// behind the generation.
    ///
    /// - Source: ctdb/protocol/protocol_control.c, Samba 4.17.
    private static let aboutDatabase: Set<ControlOpcode> = [
        .getDatabasePath, .pullDatabase, .pushDatabase, .traverseStart, .traverseAll,
        .getDatabaseName, .enableSequenceNumber, .updateSequenceNumber, .updateRecord,
        .wipeDatabase, .tryDeleteRecords, .traverseKill, .trans3Commit,
        .getDatabaseSequenceNumber, .setDatabaseHealthy, .getDatabaseHealth,
        .scheduleForDeletion, .setDatabaseReadOnly, .traverseStartExtended,
        .getDatabaseStatistics, .setDatabaseSticky, .traverseAllExtended, .receiveRecords,
        .detachDatabase, .freezeDatabase, .thawDatabase, .databaseTransactionStart,
        .databaseTransactionCommit, .databaseTransactionCancel, .databasePull,
        .databasePushStart, .databasePushConfirm, .databaseOpenFlags, .vacuumFetch,
        .databaseVacuum, .pushRecord,
    ]

    /// The database that the control is about; nil for other controls.
    func database(_ layout: LegacyLayout) -> DatabaseID? {
        guard Self.aboutDatabase.contains(opcode) else { return nil }
        if opcode == .pushRecord {
            return try? DatabaseID.decode(data.dropFirst(4), layout: layout)
        }
        // Its number is in the lower half of 64 bits; the others have 32.
        if opcode == .getDatabaseSequenceNumber, layout.byteOrder == .big {
            return try? DatabaseID.decode(data.dropFirst(4), layout: layout)
        }
        return try? DatabaseID.decode(data, layout: layout)
    }
}

extension LegacySighting {
    /// The database that the packet is about, where it is about one.
    public var database: DatabaseID? {
        switch packet.body {
        case .requestCall(let call): call.database
        case .requestDmaster(let dmaster): dmaster.database
        case .replyDmaster(let dmaster): dmaster.database
        case .requestControl(let control): control.database(layout)
        case .replyControl, .replyCall, .replyError: request?.database
        case .requestMessage(let message): Self.database(of: message, layout)
        case .requestKeepalive, .shortKeepalive, .requestTunnel, .unknown: nil
        }
    }

    /// Messages whose data begins with the id of a database.
    private static func database(
        of message: RequestMessage, _ layout: LegacyLayout
    ) -> DatabaseID? {
        let srvid = message.srvid
        guard
            srvid == .vacuumFetch || srvid == .detachDatabase
                || srvid.rawValue >> 48 == SrvID.recovery.rawValue >> 48
        else { return nil }
        return try? DatabaseID.decode(message.data, layout: layout)
    }
}
