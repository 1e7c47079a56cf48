// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import PeerWire
import Sockets
import StageCore
import Vocabulary

/// This node's copy of the stages, read from the file itself: with ctdbd or without.
///
/// ctdbd names the file of a database like the database, a dot, and the node's number. Reading
/// waits while a recovery has the database frozen, which may take seconds: it is for a `Worker`, or
/// for a program that has nothing else to do.
public struct StageFile: Equatable, Sendable {
    /// What there was to read.
    public struct Snapshot: Equatable, Sendable {
        /// This node's number, by the file's name; nil when there is no file.
        public var node: PNN?
        /// The table; empty when there is no file.
        public var table: StageTable

        /// Makes a snapshot.
        public init(node: PNN?, table: StageTable) {
            self.node = node
            self.table = table
        }
    }

    /// Where ctdbd keeps persistent databases, unless its configuration says otherwise.
    public static let defaultFolder = "/var/lib/ctdb/persistent"

    /// The folder of the persistent databases.
    public let folder: String

    /// Names the folder.
    public init(folder: String = defaultFolder) { self.folder = folder }

    /// The file and the number in its name; nil when there is none.
    ///
    /// A node whose number was changed has two. The one that has seen more changes is taken.
    public func find() throws(StageError) -> (path: String, node: PNN)? {
        let names: [String]
        do throws(SystemError) {
            names = try Folder.names(in: folder)
        } catch {
            if error.isMissingFile { return nil }
            throw .folder(error)
        }
        var found: (path: String, node: PNN)?
        for name in names where name.hasPrefix(StageTable.databaseName + ".") {
            guard let number = UInt32(name.dropFirst(StageTable.databaseName.count + 1)),
                PNN(rawValue: number).isNode
            else { continue }
            let candidate = (path: folder + "/" + name, node: PNN(rawValue: number))
            if let best = found {
                let isNewer = Self.changes(candidate.path) > Self.changes(best.path)
                if isNewer { found = candidate }
            } else {
                found = candidate
            }
        }
        return found
    }

    /// Reads the table.
    ///
    /// - Returns: what there is; a file that is missing is a table in which nothing has moved.
    /// - Throws: why there is something that cannot be used.
    public func read() throws(StageError) -> Snapshot {
        guard let (path, node) = try find() else { return Snapshot(node: nil, table: .empty) }
        let value = try value(of: StageTable.key, in: path)
        do throws(StageRecordError) {
            return Snapshot(node: node, table: try StageTable.read(value))
        } catch {
            throw .record(error)
        }
    }

    /// Reads the log.
    public func readLog() throws(StageError) -> StageLog {
        guard let (path, _) = try find() else { return .empty }
        let value = try value(of: StageLog.key, in: path)
        do throws(StageRecordError) {
            return try StageLog.read(value)
        } catch {
            throw .record(error)
        }
    }

    private func value(of key: [UInt8], in path: String) throws(StageError) -> [UInt8]? {
        do throws(DatabaseFailure) {
            return try LocalCopy.value(of: key, in: path)
        } catch {
            throw .database(error)
        }
    }

    private static func changes(_ path: String) -> UInt64 {
        (try? LocalCopy(path: path).sequenceNumber) ?? 0
    }
}
