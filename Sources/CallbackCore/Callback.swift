// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire

/// A program that is told of changes.
public struct Callback: Hashable, Sendable {
    /// Its name in the configuration.
    public var name: String
    /// The program.
    public var program: String
    /// What it is told of.
    public var topics: Set<ChangeTopic>
    /// How long it may take.
    public var timeout: Duration
    /// So often it is run again when it fails, for one state.
    public var retries: Int
    /// The pause before the first of those; each next one is twice as long.
    public var retryDelay: Duration

    /// The longest pause.
    public static let longestDelay = Duration.seconds(60)

    /// Describes a callback.
    public init(
        name: String, program: String, topics: Set<ChangeTopic>, timeout: Duration = .seconds(30),
        retries: Int = 5, retryDelay: Duration = .seconds(1)
    ) {
        self.name = name
        self.program = program
        self.topics = topics
        self.timeout = timeout
        self.retries = retries
        self.retryDelay = retryDelay
    }

    /// The pause after so many failures.
    func delay(after failures: Int) -> Duration {
        var delay = retryDelay
        for _ in 1..<max(failures, 1) where delay < Self.longestDelay { delay *= 2 }
        return min(delay, Self.longestDelay)
    }
}

/// What has a state.
public struct ChangeSubject: Hashable, Sendable, Comparable {
    /// What kind of thing.
    public var topic: ChangeTopic
    /// Which one.
    public var name: String

    /// Names something.
    public init(topic: ChangeTopic, name: String) {
        self.topic = topic
        self.name = name
    }

    /// Orders by topic and name.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.topic.rawValue, lhs.name) < (rhs.topic.rawValue, rhs.name)
    }
}

extension StateChange {
    /// What has the state.
    public var about: ChangeSubject { ChangeSubject(topic: topic, name: subject) }

    /// Whether the other one tells the same, whenever that was.
    public func tellsTheSame(as other: StateChange) -> Bool {
        about == other.about && state == other.state && details == other.details
    }
}

extension ChangeTopic {
    /// The topics that this version knows.
    public static let all: [ChangeTopic] = [.node, .leader, .address, .service, .stage]

    /// What it is called; `topic-N` for a number that this version does not know.
    public var name: String {
        switch self {
        case .node: "node"
        case .leader: "leader"
        case .address: "address"
        case .service: "service"
        case .stage: "stage"
        case .unknown(let number): "topic-\(number)"
        }
    }

    /// The topic of a name; nil when there is none that this version knows.
    public init?(name: String) {
        guard let known = Self.all.first(where: { $0.name == name }) else { return nil }
        self = known
    }
}
