// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import LegacyClient
import LegacyWire
import Vocabulary

/// What a takeover run of ctdbd would start from now, read from the nodes; nothing is touched.
///
/// The run belongs to the leader, which goes by its own node map and tunables. These are the local
/// node's; where nodes have other tunables, `differing` says so.
public struct LiveAddresses: Sendable {
    /// A tunable that not all nodes have the same value of.
    public struct Difference: Equatable, Sendable {
        /// The tunable.
        public var tunable: String
        /// A node and its value.
        public var node: PNN
        /// Its value there.
        public var value: UInt32
    }

    /// The state.
    public var state: AddressState
    /// The algorithm that the tunables choose.
    public var algorithm: Algorithm
    /// Nodes whose tunables are not the local node's.
    public var differing: [Difference]

    private static let tunables = ["IPAllocAlgorithm", "NoIPTakeover", "NoIPFailback"]

    /// Reads it.
    ///
    /// - Parameters:
    ///   - session: a conversation with the local ctdbd.
    ///   - limit: how long each of four rounds of questions may take.
    /// - Returns: the state, as far as the nodes that are connected know it.
    /// - Throws: what one of the nodes that a run would ask did not answer; the run would fail too.
    public static func read(
        _ session: LegacySession, within limit: Duration
    ) throws(LegacyFailure) -> LiveAddresses {
        let map = try session.ask(.nodeMap, within: limit)
        var nodes = map.nodes.map { AddressState.Node(flags: $0.flags) }
        let connected = nodes.indices.filter { !nodes[$0].flags.contains(.disconnected) }
        for (node, list) in try ask(session, connected, onlyAvailable: false, limit) {
            nodes[node].known = list.addresses.compactMap { entry in
                PublicAddress(entry.address).map { .init($0, host: entry.pnn) }
            }
        }
        let active = connected.filter {
            !nodes[$0].flags.isInactive && !nodes[$0].known.isEmpty
        }
        for (node, list) in try ask(session, active, onlyAvailable: true, limit) {
            nodes[node].available = list.addresses.compactMap { PublicAddress($0.address) }
        }
        let (values, differing) = try tunables(session, connected, limit)
        let settings = TakeoverSettings(
            noTakeover: values[1] != 0, noFailback: values[2] != 0)
        return LiveAddresses(
            state: AddressState(nodes: nodes, settings: settings),
            algorithm: Algorithm(tunable: values[0]), differing: differing)
    }

    private static func ask(
        _ session: LegacySession, _ nodes: [Int], onlyAvailable: Bool, _ limit: Duration
    ) throws(LegacyFailure) -> [(Int, PublicIPList)] {
        let query = LegacyQuery<PublicIPList>(.getPublicIPs(onlyAvailable: onlyAvailable)) {
            if case .publicIPs(let list) = $0 { list } else { nil }
        }
        let answers = session.ask(
            query, ofEach: nodes.map { PNN(rawValue: UInt32($0)) }, within: limit)
        var lists: [(Int, PublicIPList)] = []
        for (node, answer) in zip(nodes, answers) { lists.append((node, try answer.get())) }
        return lists
    }

    /// The local node's values, and those of others that differ.
    private static func tunables(
        _ session: LegacySession, _ nodes: [Int], _ limit: Duration
    ) throws(LegacyFailure) -> ([UInt32], [Difference]) {
        var values: [UInt32] = []
        var differing: [Difference] = []
        for name in tunables {
            let own = try session.ask(.tunable(name), within: limit)
            values.append(own)
            let pnns = nodes.map { PNN(rawValue: UInt32($0)) }
            for (node, answer) in zip(
                pnns, session.ask(.tunable(name), ofEach: pnns, within: limit))
            {
                let value = try answer.get()
                if value != own {
                    differing.append(Difference(tunable: name, node: node, value: value))
                }
            }
        }
        return (values, differing)
    }
}
