// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Vocabulary

/// What clients and a ctdbd said to each other, as it is to be said again.
public struct ReplayScript: Equatable, Sendable {
    /// A client of the capture.
    public struct Client: Equatable, Sendable {
        /// What the capture says of it; nil where it says nothing.
        public var note: ClientNote?
        /// What stands for it in the capture.
        public var endpoint: Endpoint
        /// The interface that it was seen on.
        public var interface: Int
    }

    /// What happened.
    public enum Action: Equatable, Sendable {
        /// The client sent something; the step of its answer, where one was seen.
        case send(answer: Int?)
        /// The client got the answer to a step.
        case answer(to: Int)
        /// The client got a message; the step that made it come, if that was one of a client.
        case message(cause: Int?)
    }

    /// One packet.
    public struct Step: Equatable, Sendable {
        /// The client: its place in `clients`.
        public var client: Int
        /// When, in nanoseconds since the first step.
        public var offset: Int64
        /// The number of the packet in the file.
        public var number: UInt64
        /// The packet.
        public var sighting: LegacySighting
        /// What happened.
        public var action: Action
    }

    /// A database that the capture says something about.
    public struct Database: Equatable, Sendable {
        /// Its name.
        public var name: String
        /// How it was attached, where that was seen.
        public var kind: ControlRequest.DatabaseKind?

        /// Names a database.
        public init(name: String, kind: ControlRequest.DatabaseKind?) {
            self.name = name
            self.kind = kind
        }
    }

    /// What was seen and is no part of the conversations.
    public struct Counts: Equatable, Sendable {
        /// Answers to questions that were asked before the capture began.
        public var orphans = 0
        /// Packets that cannot be read.
        public var unreadable = 0
        /// Packets of other sources, such as the wire.
        public var others = 0
    }

    /// The clients in the order in which they came.
    public internal(set) var clients: [Client] = []
    /// The packets in the order in which they were seen.
    public internal(set) var steps: [Step] = []
    /// The databases by their numbers.
    public internal(set) var databases: [DatabaseID: Database] = [:]
    /// The node whose clients these are; nil when nobody said so.
    public internal(set) var ownNode: PNN?
    /// The public addresses of the cluster, as far as answers named them.
    public internal(set) var publicAddresses: [SocketAddress] = []
    /// The instances of the cluster that packets named.
    public internal(set) var generations: Set<UInt32> = []
    /// What else there was.
    public internal(set) var counts = Counts()

    /// Makes one in which nothing happens.
    public init() {}

    /// How long it took, in nanoseconds.
    public var duration: Int64 { steps.last?.offset ?? 0 }

    /// The questions and messages that clients sent.
    public var sendCount: Int { steps.count { if case .send = $0.action { true } else { false } } }

    /// The answers that clients got.
    public var answerCount: Int {
        steps.count { if case .answer = $0.action { true } else { false } }
    }

    /// The databases that questions were about.
    public var usedDatabases: Set<DatabaseID> {
        var used: Set<DatabaseID> = []
        for step in steps {
            if case .send = step.action, let database = step.sighting.database {
                used.insert(database)
            }
        }
        return used
    }
}
