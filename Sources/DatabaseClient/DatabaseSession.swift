// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Sockets
import TrivialDatabase
import Vocabulary

/// Records of clustered databases, through the local ctdbd and its files.
///
/// ctdbd says where a record is and makes it come; the record itself is read and written in the
/// file that ctdbd has open too, under a lock of its chain. A file is opened once in a process, so
/// a process has one client.
///
/// - Source: ctdb/client/client_db.c, Samba 4.17.
public final class DatabaseSession {
    /// A database that the local ctdbd has attached.
    public struct Description: Hashable, Sendable {
        /// The hash of its name.
        public var id: DatabaseID
        /// Its name.
        public var name: String
        /// What kind it is.
        public var flags: DatabaseFlags

        /// Makes a description.
        public init(id: DatabaseID, name: String, flags: DatabaseFlags) {
            self.id = id
            self.name = name
            self.flags = flags
        }
    }

    /// The conversation with the local ctdbd.
    public let session: LegacySession
    /// How long each operation may take that is not given a limit of its own.
    public var limit: Duration
    /// The keys of the global locks that transactions of this process have.
    var heldLocks: Set<[UInt8]> = []
    private var traversals: UInt64 = 0
    private var attached: [String: (description: Description, file: DatabaseFile)] = [:]

    /// Makes a client on a conversation.
    ///
    /// - Parameters:
    ///   - session: the conversation; locks are given back by others once it has ended.
    ///   - limit: how long each operation may take.
    public init(session: LegacySession, limit: Duration) {
        self.session = session
        self.limit = limit
    }

    /// The databases of the local ctdbd, in its order.
    public func databases() throws(DatabaseFailure) -> [Description] {
        do throws(LegacyFailure) {
            let deadline = Deadline(in: limit)
            let map = try session.ask(.databaseMap, within: deadline.remaining)
            let names = session.ask(
                map.databases.map { .init(.databaseName($0.id), of: session.pnn) },
                within: deadline.remaining)
            var all: [Description] = []
            for (database, name) in zip(map.databases, names) {
                all.append(
                    Description(id: database.id, name: try name.get(), flags: database.flags))
            }
            return all
        } catch {
            throw DatabaseFailure(.list, "", .legacy(error))
        }
    }

    /// Attaches to a database that is there.
    ///
    /// - Throws: `.noSuchDatabase`, or what `attach` throws.
    public func open(_ name: String) throws(DatabaseFailure) -> Database {
        guard let found = try databases().first(where: { $0.name == name }) else {
            throw DatabaseFailure(.list, name, .noSuchDatabase)
        }
        return try attach(found.name, flags: found.flags)
    }

    /// Attaches to a database that is there, by its id.
    ///
    /// - Throws: `.noSuchDatabase`, or what `attach` throws.
    public func open(_ id: DatabaseID) throws(DatabaseFailure) -> Database {
        guard let found = try databases().first(where: { $0.id == id }) else {
            throw DatabaseFailure(.list, "\(id)", .noSuchDatabase)
        }
        return try attach(found.name, flags: found.flags)
    }

    /// Attaches to a database, which is made on all nodes when it is missing.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - flags: what kind it is; an existing database of another kind is refused by ctdbd.
    /// - Returns: the database.
    /// - Throws: the step that failed, and why.
    public func attach(
        _ name: String, flags: DatabaseFlags = []
    ) throws(DatabaseFailure) -> Database {
        if let (description, file) = attached[name] {
            return Database(client: self, description: description, file: file)
        }
        let deadline = Deadline(in: limit)
        let kind: ControlRequest.DatabaseKind =
            flags.contains(.persistent)
            ? .persistent : flags.contains(.replicated) ? .replicated : .volatile
        let id = try ask(.attachDatabase(name, kind), .attach, name, deadline)
        let path = try ask(.databasePath(id), .path, name, deadline)
        if let reason = try ask(.databaseHealth(id), .health, name, deadline) {
            throw DatabaseFailure(.health, name, .unhealthy(reason: reason))
        }
        try announce(flags, id, name, deadline)
        let options = DatabaseFile.Options(
            rawValue: try ask(.databaseOpenFlags(id), .openFlags, name, deadline))
        let file: DatabaseFile
        do throws(DatabaseFileError) {
            file = try DatabaseFile(path: path, access: .writing, options: options)
        } catch {
            throw DatabaseFailure(.open, name, .file(error))
        }
        let description = Description(id: id, name: name, flags: flags)
        attached[name] = (description, file)
        return Database(client: self, description: description, file: file)
    }

    /// Detaches a volatile database on all nodes, which lose its records.
    ///
    /// ctdbd refuses it while a node allows clients to attach (AllowClientDBAttach), and in a
    /// recovery.
    public func detach(_ id: DatabaseID) throws(DatabaseFailure) {
        let deadline = Deadline(in: limit)
        let name = try ask(.databaseName(id), .name, "\(id)", deadline)
        _ = try ask(.command(.detachDatabase(id)), .detach, name, deadline)
        attached.removeValue(forKey: name)?.file.close()
    }

    /// Where the records of a traversal go; the first one is the client library's.
    func nextTraversal() -> SrvID {
        let pid = UInt64(UInt32(bitPattern: Credentials.own.pid))
        defer { traversals = (traversals + 1) & 0xFF_FFFF }
        return SrvID(rawValue: SrvID.Range.client.first.rawValue | traversals << 32 | pid)
    }

    /// Asks the local node, as a step of something.
    func ask<Answer>(
        _ query: LegacyQuery<Answer>, _ step: DatabaseFailure.Step, _ name: String,
        _ deadline: Deadline
    ) throws(DatabaseFailure) -> Answer {
        do throws(LegacyFailure) {
            return try session.ask(query, within: deadline.remaining)
        } catch {
            throw DatabaseFailure(step, name, .legacy(error))
        }
    }

    /// Tells all connected nodes the flags that are not part of the kind.
    private func announce(
        _ flags: DatabaseFlags, _ id: DatabaseID, _ name: String, _ deadline: Deadline
    ) throws(DatabaseFailure) {
        guard flags.contains(.readOnly) || flags.contains(.sticky) else { return }
        let map = try ask(.nodeMap, .nodes, name, deadline)
        let nodes = map.connected
        guard !nodes.isEmpty else { throw DatabaseFailure(.nodes, name, .noActiveNode) }
        if flags.contains(.readOnly) {
            try tell(.setDatabaseReadOnly(id), nodes, .setReadOnly, name, deadline)
        }
        if flags.contains(.sticky) {
            try tell(.setDatabaseSticky(id), nodes, .setSticky, name, deadline)
        }
    }

    /// Makes all of some nodes do something; the first failure is thrown.
    func tell(
        _ request: ControlRequest, _ nodes: [PNN], _ step: DatabaseFailure.Step, _ name: String,
        _ deadline: Deadline
    ) throws(DatabaseFailure) {
        for result in session.ask(.command(request), ofEach: nodes, within: deadline.remaining) {
            do throws(LegacyFailure) {
                _ = try result.get()
            } catch {
                throw DatabaseFailure(step, name, .legacy(error))
            }
        }
    }
}

extension NodeMap {
    /// The nodes that this one can reach.
    var connected: [PNN] { nodes.filter { $0.flags.isDisjoint(with: .disconnected) }.map(\.pnn) }

    /// The nodes that take part in databases.
    var active: [PNN] { nodes.filter { $0.flags.isDisjoint(with: .inactive) }.map(\.pnn) }
}
