// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import Sockets
import TrivialDatabase
import Vocabulary

extension Database {
    /// Visits every record of the cluster that has a value, each one where it is owned.
    ///
    /// ctdbd sends each record in a message of its own, and ends a traversal that takes longer than
    /// its tunable TraverseTimeout.
    ///
    /// - Parameters:
    ///   - node: the node that leads the traversal; nil is the local one.
    ///   - limit: how long it may take; nil is the client's limit.
    ///   - visit: takes a record; no lock is held.
    /// - Returns: the number of records visited.
    /// - Throws: `.timedOut`, after some records were visited; what ctdbd gives.
    @discardableResult
    public func visitRecords(
        of node: PNN? = nil, within limit: Duration? = nil,
        _ visit: (Record) -> DatabaseFile.Step
    ) throws(DatabaseFailure) -> Int {
        let deadline = Deadline(in: limit ?? client.limit)
        let session = client.session
        let srvid = client.nextTraversal()
        var arrived: [ArraySlice<UInt8>] = []
        let inbox = Inbox()
        try attempt(.listen) { () throws(LegacyFailure) in
            try session.listen(to: srvid, within: deadline.remaining) { inbox.messages.append($1) }
        }
        defer { try? session.stopListening(to: srvid, within: client.limit) }
        try attempt(.traverse) { () throws(LegacyFailure) in
            let start = TraverseStartExtended(
                database: id, reqid: Reqid(rawValue: 0), srvid: srvid, withEmptyRecords: false)
            _ = try session.ask(
                .command(.traverseStartExtended(start)), of: node, within: deadline.remaining)
        }
        var count = 0
        while true {
            session.wait(within: deadline.remaining) { !inbox.messages.isEmpty }
            swap(&arrived, &inbox.messages)
            guard !arrived.isEmpty else {
                guard let reason = session.connectionLoss else {
                    throw DatabaseFailure(.traverse, name, .timedOut)
                }
                throw DatabaseFailure(
                    .traverse, name, .legacy(LegacyFailure(.noConnection(reason))))
            }
            for message in arrived {
                // What cannot be read is passed over, as the client library does.
                guard let data = try? RecordData.decode(message, layout: .native) else { continue }
                if data.isEnd { return count }
                guard let (header, value) = try? data.split(layout: .native), !value.isEmpty else {
                    continue
                }
                count += 1
                let record = Record(
                    key: Array(data.key), header: header, value: Array(value))
                if visit(record) == .stop { return count }
            }
            arrived.removeAll(keepingCapacity: true)
        }
    }

    /// Messages that nobody has looked at yet.
    private final class Inbox {
        var messages: [ArraySlice<UInt8>] = []
    }

    /// Does something with ctdbd, as a step of something.
    func attempt<Answer>(
        _ step: DatabaseFailure.Step, _ work: () throws(LegacyFailure) -> Answer
    ) throws(DatabaseFailure) -> Answer {
        do throws(LegacyFailure) {
            return try work()
        } catch {
            throw DatabaseFailure(step, name, .legacy(error))
        }
    }
}
