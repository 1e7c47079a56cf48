// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire

extension ClusterFunction: CustomStringConvertible {
    /// The functions that this version knows, in the order in which they are shown.
    public static let all: [ClusterFunction] = [.event, .ip, .service, .cluster, .database]

    /// What it is called; `function-N` for a number that this version does not know.
    public var description: String {
        switch self {
        case .event: "event"
        case .ip: "ip"
        case .service: "service"
        case .cluster: "cluster"
        case .database: "database"
        case .unknown(let number): "function-\(number)"
        }
    }

    /// The function of a name; nil when there is none that this version knows.
    public init?(name: String) {
        guard let known = Self.all.first(where: { $0.description == name }) else { return nil }
        self = known
    }

    /// The service of the new protocol that the function's daemon provides.
    public var service: Service {
        switch self {
        case .event: .event
        case .ip: .address
        case .service: .services
        case .cluster: .cluster
        case .database: .database
        case .unknown: .nobody
        }
    }

    /// The program that provides it.
    public var program: String {
        switch self {
        case .event: "ctdb-eventd"
        case .ip: "ctdb-ipd"
        case .service: "ctdb-serviced"
        case .cluster: "ctdb-clusterd"
        case .database: "ctdb-dbd"
        case .unknown: "the daemon of \(self)"
        }
    }

    /// Whether nodes depend on each other in it, so that their daemons must fit together.
    ///
    /// Each node runs its own events and services. Addresses, membership and records are matters
    /// between nodes.
    public var isSharedByNodes: Bool {
        switch self {
        case .event, .service: false
        case .ip, .cluster, .database, .unknown: true
        }
    }

    /// Whether a daemon can act only where all nodes have one.
    ///
    /// Addresses are moved on a node without a daemon of ours by its ctdbd, which is told what to
    /// do; nothing can be told to it about membership and records.
    public var needsAllNodes: Bool {
        switch self {
        case .event, .service, .ip: false
        case .cluster, .database, .unknown: true
        }
    }
}

extension Stage: CustomStringConvertible, Comparable {
    /// The stages from the first to the last.
    public static let all: [Stage] = [.legacy, .shadow, .native, .finalised]

    /// What it is called; `stage-N` for a number that this version does not know.
    public var description: String {
        switch self {
        case .legacy: "legacy"
        case .shadow: "shadow"
        case .native: "native"
        case .finalised: "finalised"
        case .unknown(let number): "stage-\(number)"
        }
    }

    /// The stage of a name; nil when there is none that this version knows.
    public init?(name: String) {
        guard let known = Self.all.first(where: { $0.description == name }) else { return nil }
        self = known
    }

    /// Orders by how far the function has moved.
    public static func < (lhs: Stage, rhs: Stage) -> Bool { lhs.rawValue < rhs.rawValue }

    /// Whether this version knows it.
    public var isKnown: Bool { Self.all.contains(self) }

    /// Whether the new daemon does the function, and not ctdbd.
    public var isTakenOver: Bool { self == .native || self == .finalised }

    /// The stage one step nearer to another one; nil when it is that one, or one is not known.
    public func step(towards goal: Stage) -> Stage? {
        guard let here = Self.all.firstIndex(of: self), let there = Self.all.firstIndex(of: goal),
            here != there
        else { return nil }
        return Self.all[here < there ? here + 1 : here - 1]
    }
}

/// What an administrator can do with a function on a node.
public enum StageVerb: String, Hashable, Sendable, CaseIterable {
    /// legacy to shadow: the new daemon begins to compare.
    case prepare
    /// Asks the daemons whether all is well, and records that it is.
    case verify
    /// shadow to native: the new daemon takes over.
    case `switch`
    /// One step back: native to shadow, finalised to native.
    ///
    /// From native, ctdbd has the function again; no daemon of ours is needed for that.
    case reverse
    /// native to finalised: the old one is put away.
    case complete
    /// shadow to legacy: the new daemon is no longer wanted.
    case cancel

    /// The stages that it leads from, and where each leads to.
    public var transitions: [(from: Stage, to: Stage)] {
        switch self {
        case .prepare: [(.legacy, .shadow)]
        case .verify: [(.shadow, .shadow), (.native, .native)]
        case .switch: [(.shadow, .native)]
        case .reverse: [(.native, .shadow), (.finalised, .native)]
        case .complete: [(.native, .finalised)]
        case .cancel: [(.shadow, .legacy)]
        }
    }

    /// Where it leads to from a stage; nil when it is not legal there.
    public func target(from stage: Stage) -> Stage? {
        transitions.first { $0.from == stage }?.to
    }

    /// Whether it gives something back: that is never refused for the state of the cluster.
    public var isRetreat: Bool { self == .reverse || self == .cancel }
}
