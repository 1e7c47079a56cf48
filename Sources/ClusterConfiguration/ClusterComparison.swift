// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// Something about a node that should be the same everywhere, or that is good to know.
public enum ComparedItem: Hashable, Sendable {
    /// A line of the nodes file, by the number of the node.
    case node(Int)
    /// The cluster lock.
    case clusterLock
    /// A tunable.
    case tunable(String)
    /// A public address.
    case publicAddress(String)
    /// What the node may become.
    case capabilities
    /// How far its start has come.
    case runState
    /// The version of a program that runs on it: `ctdbd`, `proxy`, or a function's daemon.
    case version(String)

    /// What kind of item it is.
    public var kind: String {
        switch self {
        case .node: "node"
        case .clusterLock: "cluster lock"
        case .tunable: "tunable"
        case .publicAddress: "public address"
        case .capabilities: "capabilities"
        case .runState: "run state"
        case .version: "version"
        }
    }

    /// Its name among its kind; empty when there is one only.
    public var name: String {
        switch self {
        case .node(let number): String(number)
        case .tunable(let name), .publicAddress(let name), .version(let name): name
        case .clusterLock, .capabilities, .runState: ""
        }
    }

    /// Whether nodes may differ in it on purpose.
    public var mayDiffer: Bool {
        switch self {
        case .publicAddress, .capabilities, .version: true
        case .node, .clusterLock, .tunable, .runState: false
        }
    }

    /// The place in a list.
    private var rank: Int {
        switch self {
        case .node: 0
        case .clusterLock: 1
        case .tunable: 2
        case .publicAddress: 3
        case .capabilities: 4
        case .runState: 5
        case .version: 6
        }
    }

    static func isBefore(_ left: ComparedItem, _ right: ComparedItem) -> Bool {
        if case (.node(let one), .node(let other)) = (left, right) { return one < other }
        return (left.rank, left.name) < (right.rank, right.name)
    }
}

/// What a node says of itself.
public struct NodeSnapshot: Equatable, Sendable {
    /// The node.
    public var node: PNN
    /// What it has; an item that it does not have is not there.
    public var values: [ComparedItem: String]
    /// What nobody can know of it, and why; that is no failure.
    public var unknown: [ComparedItem: String] = [:]
    /// What it did not say, by the kind of the items, and why.
    public var failures: [String: String]
    /// Why it said nothing at all.
    public var unreachable: String?

    /// Makes a snapshot.
    public init(
        node: PNN, values: [ComparedItem: String] = [:], failures: [String: String] = [:],
        unreachable: String? = nil
    ) {
        self.node = node
        self.values = values
        self.failures = failures
        self.unreachable = unreachable
    }
}

/// What is not the same on all nodes.
public struct ClusterComparison: Equatable, Sendable {
    /// What a node has.
    public enum Value: Hashable, Sendable {
        /// This.
        case text(String)
        /// It has none.
        case absent
        /// It did not say.
        case unknown(String)
    }

    /// An item, and what the nodes have.
    public struct Difference: Equatable, Sendable {
        /// The item.
        public var item: ComparedItem
        /// What each node that could be reached has, in the order of the nodes.
        public var values: [(node: PNN, value: Value)]
        /// The nodes that have something other than most; of two equal halves, that without the
        /// lowest node.
        public var nodes: [PNN]

        /// Whether both say the same.
        public static func == (left: Difference, right: Difference) -> Bool {
            left.item == right.item && left.nodes == right.nodes
                && left.values.map(\.node) == right.values.map(\.node)
                && left.values.map(\.value) == right.values.map(\.value)
        }
    }

    /// What differs.
    public private(set) var differences: [Difference] = []
    /// Nodes that could not be reached, and why.
    public private(set) var unreachable: [PNN: String] = [:]
    /// What nodes that could be reached did not say.
    public private(set) var failures: [(node: PNN, kind: String, reason: String)] = []
    /// How many items were compared.
    public private(set) var itemCount = 0

    /// Compares nodes.
    public init(_ snapshots: [NodeSnapshot]) {
        let sorted = snapshots.sorted { $0.node.rawValue < $1.node.rawValue }
        for snapshot in sorted {
            unreachable[snapshot.node] = snapshot.unreachable
            for (kind, reason) in snapshot.failures.sorted(by: { $0.key < $1.key }) {
                failures.append((snapshot.node, kind, reason))
            }
        }
        let reached = sorted.filter { $0.unreachable == nil }
        let items = Set(reached.flatMap(\.values.keys)).sorted(by: ComparedItem.isBefore)
        itemCount = items.count
        for item in items {
            let values = reached.map { snapshot -> (node: PNN, value: Value) in
                if let text = snapshot.values[item] { return (snapshot.node, .text(text)) }
                if let why = snapshot.unknown[item] ?? snapshot.failures[item.kind] {
                    return (snapshot.node, .unknown(why))
                }
                return (snapshot.node, .absent)
            }
            let nodes = Self.others(values)
            if !nodes.isEmpty {
                differences.append(Difference(item: item, values: values, nodes: nodes))
            }
        }
    }

    /// Whether both say the same.
    public static func == (left: ClusterComparison, right: ClusterComparison) -> Bool {
        left.differences == right.differences && left.unreachable == right.unreachable
            && left.itemCount == right.itemCount
            && left.failures.map { "\($0)" } == right.failures.map { "\($0)" }
    }

    /// The nodes that are not with the most; who did not say is not counted.
    private static func others(_ values: [(node: PNN, value: Value)]) -> [PNN] {
        var counts: [(value: Value, count: Int)] = []
        for (_, value) in values {
            if case .unknown = value { continue }
            if let index = counts.firstIndex(where: { $0.value == value }) {
                counts[index].count += 1
            } else {
                counts.append((value, 1))
            }
        }
        guard counts.count > 1, let most = counts.map(\.count).max(),
            let usual = counts.first(where: { $0.count == most })?.value
        else { return [] }
        return values.filter { one in
            if case .unknown = one.value { return false }
            return one.value != usual
        }.map(\.node)
    }
}
