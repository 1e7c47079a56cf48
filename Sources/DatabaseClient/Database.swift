// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import TrivialDatabase
import Vocabulary

/// A clustered database that is attached, and its file on this node.
public struct Database {
    /// A record as it lies in a node's file.
    public struct Record: Hashable, Sendable {
        /// Its key.
        public var key: [UInt8]
        /// What ctdbd knows about the copy.
        public var header: RecordHeader
        /// Its data; empty when it is deleted.
        public var value: [UInt8]

        /// Makes a record.
        public init(key: [UInt8], header: RecordHeader, value: [UInt8]) {
            self.key = key
            self.header = header
            self.value = value
        }
    }

    /// The client that attached it.
    public let client: DatabaseSession
    /// Its id, name and kind.
    public let description: DatabaseSession.Description
    let file: DatabaseFile

    /// The hash of its name.
    public var id: DatabaseID { description.id }
    /// Its name.
    public var name: String { description.name }
    /// Where its file is on this node.
    public var path: String { file.path }
    /// Whether a record is on one node at a time; the others have all records on all nodes, and
    /// transactions.
    public var isVolatile: Bool { description.flags.isDisjoint(with: [.persistent, .replicated]) }

    /// Reads this node's copy of a record, whoever owns the record.
    ///
    /// In a database with transactions that is the record itself.
    ///
    /// - Returns: the copy; nil when this node has none.
    public func localRecord(_ key: [UInt8]) throws(DatabaseFailure) -> Record? {
        guard
            let data = try attempt(
                .readRecord,
                { () throws(DatabaseFileError) in
                    try file.fetch(key)
                })
        else { return nil }
        return try record(key, data)
    }

    /// Reads the value that all nodes have, of a database with transactions.
    ///
    /// - Returns: the value; nil when there is none, or an empty one, which is the same here.
    public func value(of key: [UInt8]) throws(DatabaseFailure) -> [UInt8]? {
        guard !isVolatile else { throw DatabaseFailure(.readRecord, name, .wrongKind) }
        guard let value = try localRecord(key)?.value, !value.isEmpty else { return nil }
        return value
    }

    /// Visits this node's copies, deleted ones included.
    ///
    /// - Parameter visit: takes a copy, under the lock of its chain.
    /// - Returns: the number of copies visited.
    /// - Throws: `.unreadable` at a copy that has no header; what the file gives.
    @discardableResult
    public func visitLocalRecords(
        _ visit: (Record) -> DatabaseFile.Step
    ) throws(DatabaseFailure) -> Int {
        var unreadable: DatabaseFailure?
        let count = try traverse { key, data in
            do throws(DatabaseFailure) {
                return visit(try record(key, data))
            } catch {
                unreadable = error
                return .stop
            }
        }
        if let unreadable { throw unreadable }
        return count
    }

    /// The number of changes to the database, as a node's ctdbd has it.
    ///
    /// - Parameter node: who is asked; nil is the local node.
    /// - Returns: the number.
    /// - Throws: what ctdbd gives.
    public func sequenceNumber(of node: PNN? = nil) throws(DatabaseFailure) -> UInt64 {
        do throws(LegacyFailure) {
            return try client.session.ask(
                .sequenceNumber(id), of: node, within: client.limit)
        } catch {
            throw DatabaseFailure(.sequenceNumber, name, .legacy(error))
        }
    }

    func traverse(
        _ visit: ([UInt8], [UInt8]) -> DatabaseFile.Step
    ) throws(DatabaseFailure) -> Int {
        try attempt(.traverse) { () throws(DatabaseFileError) in try file.traverse(visit) }
    }

    /// Does something with the file, as a step of something.
    func attempt<Answer>(
        _ step: DatabaseFailure.Step, _ work: () throws(DatabaseFileError) -> Answer
    ) throws(DatabaseFailure) -> Answer {
        do throws(DatabaseFileError) {
            return try work()
        } catch {
            throw DatabaseFailure(step, name, .file(error))
        }
    }

    func record(_ key: [UInt8], _ data: [UInt8]) throws(DatabaseFailure) -> Record {
        do throws(WireError) {
            let (header, value) = try RecordData(key: key[...], data: data[...])
                .split(layout: .native)
            return Record(key: key, header: header, value: Array(value))
        } catch {
            throw DatabaseFailure(.readRecord, name, .unreadable(error))
        }
    }
}

extension DatabaseID {
    /// The id that ctdbd gives a database of a name.
    public init(name: String) {
        self.init(rawValue: DatabaseFile.hash(Array(name.utf8) + [0]))
    }
}
