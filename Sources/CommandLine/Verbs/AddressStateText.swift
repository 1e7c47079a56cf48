// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import Presentation
import Vocabulary

/// A state of public addresses as JSON, both ways.
///
/// - Shape: the report `ip.state` version 1. A reader takes `schema`, which has to be
///   `ctdb.ip.state/1`; `algorithm` (a name), `no_ip_takeover`, `no_ip_failback` and
///   `failover_disabled` (flags), `force_rebalance` (numbers of nodes), each of which may be
///   missing; and `nodes`. A node has `node` (its number), `flags` (words as in `node list`),
///   `known` (objects with `address`, and `node`, the number of the node that has it as this node
///   sees it, or null) and `available` (addresses). A node without `available` can host all that it
///   knows if its flags let it. Numbers without a node are deleted nodes. Other members are passed
///   over.
enum AddressStateText {
    /// The words of node flags.
    static let flags: [(String, NodeFlags)] = [
        ("ok", []), ("disconnected", .disconnected), ("unhealthy", .unhealthy),
        ("disabled", .permanentlyDisabled), ("banned", .banned), ("deleted", .deleted),
        ("stopped", .stopped),
    ]
    /// So many nodes are read.
    static let nodeLimit = 10_000

    /// A state, and the algorithm that belongs to it.
    struct Plan {
        var state: AddressState
        var algorithm: Algorithm
    }

    /// Reads a state.
    static func read(_ bytes: [UInt8]) throws(Problem) -> Plan {
        let value: Value
        do throws(JSONReader.Malformed) {
            value = try JSONReader.read(bytes)
        } catch {
            throw wrong("\(error)")
        }
        let root = try Members(value, "the state")
        guard root.text("schema") == "ctdb.ip.state/1" else {
            throw wrong("its schema is not ctdb.ip.state/1")
        }
        let name = root["algorithm"] == nil ? Algorithm.lcp2.rawValue : root.text("algorithm")
        guard let algorithm = name.flatMap({ Algorithm(rawValue: $0) }) else {
            throw wrong("no such algorithm")
        }
        var settings = TakeoverSettings()
        settings.noTakeover = try root.flag("no_ip_takeover")
        settings.noFailback = try root.flag("no_ip_failback")
        settings.isFailoverDisabled = try root.flag("failover_disabled")
        for value in try root.list("force_rebalance") {
            guard case .number(let node) = value, (0..<Int64(nodeLimit)).contains(node) else {
                throw wrong("force_rebalance: not the number of a node")
            }
            settings.forcedNodes.append(Int(node))
        }
        guard root["nodes"] != nil else { throw wrong("nodes is missing") }
        return Plan(
            state: AddressState(nodes: try nodes(try root.list("nodes")), settings: settings),
            algorithm: algorithm)
    }

    private static func wrong(_ why: String) -> Problem {
        Problem(
            .usage, "read the state", why,
            advice: "ctdb ip state --json writes one; ctdb help ip state explains it")
    }

    private static func nodes(_ values: [Value]) throws(Problem) -> [AddressState.Node] {
        let missing = AddressState.Node(flags: [.deleted, .disconnected])
        var nodes: [AddressState.Node] = []
        var seen: Set<Int> = []
        for value in values {
            let members = try Members(value, "a node")
            guard case .number(let number) = members["node"] ?? .none,
                (0..<Int64(nodeLimit)).contains(number)
            else { throw wrong("a node has no number below \(nodeLimit)") }
            let index = Int(number)
            guard seen.insert(index).inserted else { throw wrong("node \(index) is there twice") }
            while nodes.count <= index { nodes.append(missing) }
            nodes[index] = try node(members, "node \(index)")
        }
        return nodes
    }

    private static func node(
        _ members: Members, _ place: String
    ) throws(Problem) -> AddressState.Node {
        var flags: NodeFlags = []
        for word in try members.list("flags") {
            guard case .text(let text) = word,
                let flag = Self.flags.first(where: { $0.0 == text })
            else {
                throw wrong(
                    "\(place): flags are \(Self.flags.map(\.0).joined(separator: ", "))")
            }
            flags.formUnion(flag.1)
        }
        var known: [AddressState.Known] = []
        for value in try members.list("known") {
            let entry = try Members(value, "\(place): known")
            let host: PNN
            switch entry["node"] ?? .none {
            case .none: host = .unknown
            case .number(let node) where (0..<Int64(nodeLimit)).contains(node):
                host = PNN(rawValue: UInt32(node))
            default: throw wrong("\(place): known: node is no number of a node")
            }
            known.append(
                .init(try address(entry["address"] ?? .none, "\(place): known"), host: host))
        }
        if members["available"] == nil { return .init(flags: flags, hosting: known) }
        var available: [PublicAddress] = []
        for value in try members.list("available") {
            available.append(try address(value, "\(place): available"))
        }
        return .init(flags: flags, known: known, available: available)
    }

    private static func address(
        _ value: Value, _ place: String
    ) throws(Problem) -> PublicAddress {
        guard case .text(let text) = value, let address = PublicAddress(text) else {
            throw wrong("\(place): not an IPv4 or IPv6 address")
        }
        return address
    }

    /// The members of an object.
    private struct Members {
        private let values: [String: Value]
        private let place: String

        init(_ value: Value, _ place: String) throws(Problem) {
            guard case .object(let fields) = value else { throw wrong("\(place) is no object") }
            values = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
            self.place = place
        }

        /// A member; null is as if it were missing.
        subscript(_ name: String) -> Value? {
            guard let value = values[name], value != .none else { return nil }
            return value
        }

        func text(_ name: String) -> String? {
            if case .text(let text) = self[name] { text } else { nil }
        }

        func flag(_ name: String) throws(Problem) -> Bool {
            switch self[name] {
            case nil: return false
            case .flag(let flag): return flag
            default: throw wrong("\(place): \(name) is neither true nor false")
            }
        }

        func list(_ name: String) throws(Problem) -> [Value] {
            switch self[name] {
            case nil: return []
            case .list(let list): return list
            default: throw wrong("\(place): \(name) is no list")
            }
        }
    }
}
