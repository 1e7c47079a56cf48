// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

/// Who takes part when a database gets other contents, and in which instance of the cluster.
public struct Participants: Hashable, Sendable {
    /// All active nodes.
    public var nodes: [PNN]
    /// The generation of the databases.
    public var generation: Generation

    /// Makes participants.
    public init(nodes: [PNN], generation: Generation) {
        self.nodes = nodes
        self.generation = generation
    }
}

/// Gives a database other contents on all nodes, with the means of a recovery: it is frozen,
/// emptied and filled in a transaction on each node.
///
/// Whatever goes wrong, a recovery is started, which ends the transactions and thaws the database.
///
/// - Source: `control_wipedb` and `control_restoredb`, ctdb/tools/ctdb.c, Samba 4.17.
struct Replacement {
    /// Where the records go.
    static let srvid = SrvID(rawValue: SrvID.Range.tool.first.rawValue | 0x0002_0000_0000_0000)

    let database: Database
    /// How long each step may take.
    let limit: Duration
    /// Nil when the local node has to be asked.
    let participants: Participants?
    /// Whether records without a value are restored too.
    var isKeepingDeleted = false

    /// Empties the database, and fills it with what a backup has, if there is one.
    func run(_ backup: BackupReader?) throws(DatabaseFailure) {
        let id = database.id
        let participants = try whoTakesPart()
        let transaction = DatabaseTransaction(
            database: id, transaction: participants.generation.rawValue)
        let nodes = participants.nodes
        guard !nodes.isEmpty else { throw failure(.nodes, .noActiveNode) }
        do throws(DatabaseFailure) {
            try tell(.freeze, .freezeDatabase(id), nodes)
            try tell(.begin, .databaseTransactionStart(transaction), nodes)
            try tell(.wipe, .wipeDatabase(transaction), nodes)
            if let backup { try fill(from: backup, nodes) }
            try tell(.setHealthy, .setDatabaseHealthy(id), nodes)
            try tell(.commit, .databaseTransactionCommit(transaction), nodes)
            try tell(.thaw, .thawDatabase(id), nodes)
        } catch {
            var failure = error
            do throws(LegacyFailure) {
                _ = try database.client.session.ask(
                    .command(.setRecoveryMode(.active)), within: limit)
            } catch {
                failure.cleanup = error
            }
            throw failure
        }
    }

    /// Who was named, or who the local node says, outside of a recovery.
    private func whoTakesPart() throws(DatabaseFailure) -> Participants {
        if let participants { return participants }
        let deadline = Deadline(in: limit)
        let session = database.client.session
        while try ask(.generation, .recoveryMode) != .normal {
            guard !deadline.hasPassed else { throw failure(.generation, .timedOut) }
            session.pause(.milliseconds(100), before: deadline)
        }
        return Participants(
            nodes: try ask(.nodes, .nodeMap).active,
            generation: try ask(.generation, .vnnMap).generation)
    }

    private func fill(
        from backup: BackupReader, _ nodes: [PNN]
    ) throws(DatabaseFailure) {
        let transfer = DatabaseTransfer(
            database: database.id, lmaster: PNN(rawValue: 0), srvid: Self.srvid)
        try tell(.pushStart, .databasePushStart(transfer), nodes)
        var sent = backup.header.recordCount
        for _ in 0..<backup.header.bufferCount {
            var buffer = try backup.next()
            buffer.database = database.id
            if database.isVolatile, !isKeepingDeleted {
                let head = RecordHeader(rsn: RSN(rawValue: 0), dmaster: .unknown)
                    .byteCount(layout: .native)
                let count = buffer.records.count
                buffer.records.removeAll { $0.data.count == head }
                sent &-= UInt64(count - buffer.records.count)
            }
            try push(buffer, nodes)
        }
        let counts = database.client.session.ask(
            .databasePushConfirm(database.id), ofEach: nodes, within: limit)
        for (node, count) in zip(nodes, counts) {
            let received: UInt32
            do throws(LegacyFailure) {
                received = try count.get()
            } catch {
                throw failure(.pushConfirm, .legacy(error))
            }
            guard UInt64(received) == sent else {
                throw failure(
                    .pushConfirm, .wrongCount(node: node, received: received, sent: sent))
            }
        }
    }

    private func push(_ buffer: RecordBuffer, _ nodes: [PNN]) throws(DatabaseFailure) {
        let bytes: [UInt8]
        do throws(WireError) {
            bytes = try buffer.encoded(layout: .native)
        } catch {
            throw failure(.push, .unreadable(error))
        }
        do throws(LegacyFailure) {
            for node in nodes {
                try database.client.session.send(bytes, to: Self.srvid, at: node)
            }
            // What ctdbd has not taken yet waits here; its next answer comes behind it.
            _ = try database.client.session.ask(.pnn, within: limit)
        } catch {
            throw failure(.push, .legacy(error))
        }
    }

    private func tell(
        _ step: DatabaseFailure.ReplaceStep, _ request: ControlRequest, _ nodes: [PNN]
    ) throws(DatabaseFailure) {
        try database.client.tell(
            request, nodes, .replace(step), database.name, Deadline(in: limit))
    }

    private func ask<Answer>(
        _ step: DatabaseFailure.ReplaceStep, _ query: LegacyQuery<Answer>
    ) throws(DatabaseFailure) -> Answer {
        try database.client.ask(query, .replace(step), database.name, Deadline(in: limit))
    }

    private func failure(
        _ step: DatabaseFailure.ReplaceStep, _ cause: DatabaseFailure.Cause
    ) -> DatabaseFailure {
        DatabaseFailure(.replace(step), database.name, cause)
    }
}

extension Database {
    /// Empties the database on all nodes.
    ///
    /// - Parameters:
    ///   - participants: who takes part; nil is who the local node says, after a recovery.
    ///   - limit: how long each step may take; nil is the client's limit.
    /// - Throws: the step that failed, after a recovery was started to clean up.
    public func wipe(
        on participants: Participants? = nil, within limit: Duration? = nil
    ) throws(DatabaseFailure) {
        try Replacement(
            database: self, limit: limit ?? client.limit, participants: participants
        ).run(nil)
    }

    /// Replaces what is in the database by a backup, on all nodes.
    ///
    /// - Parameters:
    ///   - backup: a backup of which nothing but the header was read.
    ///   - participants: who takes part; nil is who the local node says, after a recovery.
    ///   - isKeepingDeleted: whether a volatile database gets records without a value too. A ctdbd
    ///     that neither locates nor owns such a record fails at it, and with it all of the
    ///     restoring; so the legacy tool does.
    ///   - limit: how long each step may take; nil is the client's limit.
    /// - Throws: the step that failed, after a recovery was started to clean up.
    public func restore(
        _ backup: BackupReader, on participants: Participants? = nil,
        isKeepingDeleted: Bool = false, within limit: Duration? = nil
    ) throws(DatabaseFailure) {
        try Replacement(
            database: self, limit: limit ?? client.limit, participants: participants,
            isKeepingDeleted: isKeepingDeleted
        ).run(backup)
    }
}
