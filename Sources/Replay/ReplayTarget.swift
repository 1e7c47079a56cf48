// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// The daemon that a script is played to, as it answered before the play.
public struct ReplayTarget: Equatable, Sendable {
    /// A database that is attached there.
    public struct Database: Equatable, Sendable {
        /// Its number.
        public var id: DatabaseID
        /// How it is attached.
        public var kind: ControlRequest.DatabaseKind

        /// Names a database.
        public init(id: DatabaseID, kind: ControlRequest.DatabaseKind) {
            self.id = id
            self.kind = kind
        }
    }

    /// Its node.
    public var ownNode: PNN
    /// The nodes of its cluster.
    public var nodes: [PNN]
    /// The instance of its cluster.
    public var generation: Generation
    /// The databases that are attached, by name.
    public var databases: [String: Database]
    /// The public addresses of its cluster.
    public var publicAddresses: [SocketAddress] = []
    /// The sequence numbers of those databases that have one.
    public var sequenceNumbers: [DatabaseID: UInt64]
    /// Above all rsn of its records, and above those of every play before: the time will do.
    public var rsnFloor: UInt64
    /// The process that plays.
    public var pid: Int32

    /// Describes a daemon.
    public init(
        ownNode: PNN, nodes: [PNN], generation: Generation, databases: [String: Database],
        sequenceNumbers: [DatabaseID: UInt64] = [:], rsnFloor: UInt64 = 0, pid: Int32
    ) {
        self.sequenceNumbers = sequenceNumbers
        self.rsnFloor = rsnFloor
        self.ownNode = ownNode
        self.nodes = nodes
        self.generation = generation
        self.databases = databases
        self.pid = pid
    }
}

/// What of a capture stands for what of the daemon that it is played to.
public struct ReplayBindings: Equatable, Sendable {
    /// What the user says stands for something else.
    public struct Wishes: Equatable, Sendable {
        /// Nodes of the capture, and what stands for them.
        public var nodes: [PNN: PNN] = [:]
        /// Names of databases in the capture, and what stands for them.
        public var databases: [String: String] = [:]
        /// Public addresses in the capture, and what stands for them.
        public var addresses: [SocketAddress: SocketAddress] = [:]

        /// Nothing.
        public init() {}
    }

    /// A database that has to be attached before the play.
    public struct Attachment: Equatable, Sendable {
        /// Its name at the daemon.
        public var name: String
        /// How it is attached.
        public var kind: ControlRequest.DatabaseKind
        /// Its number in the capture.
        public var id: DatabaseID

        /// Names a database.
        public init(name: String, kind: ControlRequest.DatabaseKind, id: DatabaseID) {
            self.name = name
            self.kind = kind
            self.id = id
        }
    }

    /// Something in the capture that nothing stands for.
    public enum Gap: Hashable, Sendable {
        /// A node that the cluster does not have.
        case node(PNN)
        /// A database that is not attached and has no name in the capture.
        case database(DatabaseID)
        /// A database that is attached in another way than in the capture.
        case kind(String)
        /// A public address that the cluster does not have.
        case address(SocketAddress)
    }

    /// Nodes of the capture, and what stands for them; others stand for themselves.
    public var nodes: [PNN: PNN] = [:]
    /// Databases of the capture, and what stands for them.
    public var databases: [DatabaseID: DatabaseID] = [:]
    /// Names of databases in the capture, and what stands for them.
    public var names: [String: String] = [:]
    /// Instances of the cluster in the capture; all of them stand for one.
    public var generations: Set<UInt32> = []
    /// The instance of the daemon's cluster.
    public var generation: Generation
    /// Processes of the capture, and what stands for them.
    public var pids: [Int32: Int32] = [:]
    /// Public addresses of the capture, and what stands for them; others stand for themselves.
    public var addresses: [SocketAddress: SocketAddress] = [:]
    /// The sequence numbers of the daemon's databases.
    public var sequenceNumbers: [DatabaseID: UInt64] = [:]
    /// Above all rsn that the daemon has.
    public var rsnFloor: UInt64
    /// Databases that have to be attached.
    public var attachments: [Attachment] = []
    /// What nothing stands for.
    public var gaps: [Gap] = []

    /// Finds what stands for what.
    ///
    /// - Parameters:
    ///   - script: the capture.
    ///   - target: the daemon.
    ///   - wishes: what the user says.
    public init(_ script: ReplayScript, to target: ReplayTarget, wishes: Wishes = Wishes()) {
        generation = target.generation
        sequenceNumbers = target.sequenceNumbers
        rsnFloor = target.rsnFloor
        generations = script.generations
        nodes = wishes.nodes
        if let own = script.ownNode, nodes[own] == nil { nodes[own] = target.ownNode }
        names = wishes.databases
        for client in script.clients {
            if let pid = client.note?.pid { pids[pid] = target.pid }
        }
        var seen: Set<PNN> = []
        for step in script.steps {
            guard case .send = step.action else { continue }
            let node = step.sighting.packet.destination
            guard node.isNode, seen.insert(node).inserted else { continue }
            if !target.nodes.contains(nodes[node] ?? node) { gaps.append(.node(node)) }
        }
        bindDatabases(script, target)
        bindAddresses(script, target, wishes)
    }

    /// Addresses of another cluster stand for as many of this one, in their order.
    private mutating func bindAddresses(
        _ script: ReplayScript, _ target: ReplayTarget, _ wishes: Wishes
    ) {
        addresses = wishes.addresses
        let there = Set(target.publicAddresses)
        let strange = script.publicAddresses.filter { !there.contains($0) && addresses[$0] == nil }
        let free = there.subtracting(script.publicAddresses).subtracting(addresses.values)
        func sorted(_ list: some Sequence<SocketAddress>) -> [SocketAddress] {
            list.sorted { $0.octets.lexicographicallyPrecedes($1.octets) }
        }
        guard strange.count == free.count else {
            gaps += sorted(strange).map { .address($0) }
            return
        }
        for (one, other) in zip(sorted(strange), sorted(free)) { addresses[one] = other }
    }

    private mutating func bindDatabases(_ script: ReplayScript, _ target: ReplayTarget) {
        let ids = script.usedDatabases.union(script.databases.keys)
        for id in ids.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let known = script.databases[id] else {
                // The same name has the same number everywhere.
                let isThere = target.databases.values.contains { $0.id == id }
                if !isThere { gaps.append(.database(id)) }
                continue
            }
            let name = names[known.name] ?? known.name
            if let there = target.databases[name] {
                databases[id] = there.id
                if let kind = known.kind, kind != there.kind { gaps.append(.kind(name)) }
            } else if script.usedDatabases.contains(id) {
                attachments.append(
                    Attachment(name: name, kind: known.kind ?? .volatile, id: id))
            }
        }
    }
}
