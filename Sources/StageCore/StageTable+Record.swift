// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Vocabulary
import XDR

/// Why a record of the stages' database is not used.
public enum StageRecordError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are no such record.
    case unreadable(WireError)
    /// It does not begin as it should.
    case wrongMagic(UInt32)
    /// Who knows only versions below this one must not use it.
    case tooNew(minimumVersion: UInt32)

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .unreadable(let error): "the record cannot be read: \(error)"
        case .wrongMagic(let magic):
            "the record is none of ours: it begins with \(String(magic, radix: 16))"
        case .tooNew(let version):
            "the record is for programs that know version \(version) of it; this one knows "
                + "\(PeerProtocol.stageRecordVersion)"
        }
    }
}

extension StageTable {
    /// The database of the stages.
    public static let databaseName = "tablecloth_stages.tdb"
    /// The key of the table.
    public static let key = Array("stages".utf8)

    /// The table of a cluster where everything is as ever.
    public static let empty = StageTable(
        magic: PeerProtocol.stageRecordMagic, version: PeerProtocol.stageRecordVersion,
        minimumVersion: 1, epoch: 0, entries: [], later: [])

    /// Reads the table from a record's value.
    ///
    /// - Parameter value: the value; nil when there is no record.
    /// - Returns: the table.
    /// - Throws: why the record is not used; it must not be overwritten then.
    public static func read(_ value: [UInt8]?) throws(StageRecordError) -> StageTable {
        guard let value else { return .empty }
        let table: StageTable
        do throws(WireError) {
            table = try decode(value[...])
        } catch {
            throw .unreadable(error)
        }
        try StageRecord.check(table.magic, table.minimumVersion)
        return table
    }

    /// The entry of a function on a node; nil where nothing was ever done.
    public func entry(_ function: ClusterFunction, on node: PNN) -> StageEntry? {
        entries.first { $0.function == function && $0.node == node }
    }

    /// The stage of a function on a node.
    public func stage(of function: ClusterFunction, on node: PNN) -> Stage {
        entry(function, on: node)?.stage ?? .legacy
    }

    /// The nodes that have an entry, in the order of their numbers.
    public var nodes: [PNN] { Set(entries.map(\.node)).sorted() }
}

extension StageLog {
    /// The key of the log.
    public static let key = Array("log".utf8)

    /// A log in which nothing has happened.
    public static let empty = StageLog(
        magic: PeerProtocol.stageRecordMagic, version: PeerProtocol.stageRecordVersion,
        minimumVersion: 1, entries: [], later: [])

    /// Reads the log from a record's value.
    ///
    /// - Parameter value: the value; nil when there is no record.
    /// - Returns: the log.
    /// - Throws: why the record is not used; it must not be overwritten then.
    public static func read(_ value: [UInt8]?) throws(StageRecordError) -> StageLog {
        guard let value else { return .empty }
        let log: StageLog
        do throws(WireError) {
            log = try decode(value[...])
        } catch {
            throw .unreadable(error)
        }
        try StageRecord.check(log.magic, log.minimumVersion)
        return log
    }

    /// Appends entries, and drops the oldest beyond the limit.
    mutating func append(_ added: [StageLogEntry]) {
        entries += added
        entries.removeFirst(max(0, entries.count - Int(PeerProtocol.stageLogLimit)))
    }
}

extension SrvID {
    /// Tells who listens on a node that stages have changed; no data.
    public static let stagesChanged = SrvID(rawValue: 0x8E00_0000_0000_0100)
}

/// What both records have in common.
private enum StageRecord {
    static func check(_ magic: UInt32, _ minimumVersion: UInt32) throws(StageRecordError) {
        guard magic == PeerProtocol.stageRecordMagic else { throw .wrongMagic(magic) }
        guard minimumVersion <= PeerProtocol.stageRecordVersion else {
            throw .tooNew(minimumVersion: minimumVersion)
        }
    }
}
