// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// What the nodes say of public addresses when a run begins, and what cannot be asked.
package struct TakeoverState: Equatable, Sendable {
    /// Who moves addresses on a node.
    package enum Mover: Equatable, Sendable {
        /// Its ctdbd.
        case ctdbd
        /// Its address daemon.
        case daemon
    }

    /// One node.
    package struct Node: Equatable, Sendable {
        package var flags: NodeFlags = []
        package var mover = Mover.ctdbd
        /// Its address daemon does not answer, or says that it moves nothing: ctdbd is asked.
        package var isUnheard = false
        /// What it is believed to have and its ctdbd does not know: it stays where it is.
        package var pinned: Set<PublicAddress> = []
        package var known: [AddressState.Known] = []
        package var available: [PublicAddress] = []
    }

    package var nodes: [Node] = []
    package var values = Values()

    /// What the tunables of ctdbd say.
    package struct Values: Equatable, Sendable {
        package var algorithm = Algorithm.lcp2
        package var noTakeover = false
        package var noFailback = false
        package var takeoverSeconds: UInt32 = 9
        package var bans = true

        package init() {}

        package init(_ tunables: TunableValues, algorithm: Algorithm?) {
            self.algorithm = algorithm ?? Algorithm(tunable: tunables["IPAllocAlgorithm"] ?? 2)
            noTakeover = tunables["NoIPTakeover"] ?? 0 != 0
            noFailback = tunables["NoIPFailback"] ?? 0 != 0
            takeoverSeconds = tunables["TakeoverTimeout"] ?? 9
            bans = tunables["EnableBans"] ?? 1 != 0
        }
    }

    package init() {}

    /// Who has each address by its own word; more than one node is wrong.
    package var holders: [PublicAddress: [PNN]] {
        var holders: [PublicAddress: [PNN]] = [:]
        for (number, node) in nodes.enumerated() {
            let pnn = PNN(rawValue: UInt32(number))
            for entry in node.known where entry.host == pnn {
                holders[entry.address, default: []].append(pnn)
            }
        }
        return holders
    }

    /// Fills in what unheard daemons have by what the others believe: it stays there, for nobody
    /// can take it away, and a second node must not have it.
    package mutating func pinUnheard() {
        for (number, node) in nodes.enumerated() where node.isUnheard && node.flags.isConnected {
            let pnn = PNN(rawValue: UInt32(number))
            // What its ctdbd knows its daemon has not, or has given back.
            var seen = Set(node.known.map(\.address))
            for (other, one) in nodes.enumerated() where other != number {
                for entry in one.known where entry.host == pnn {
                    guard seen.insert(entry.address).inserted else { continue }
                    nodes[number].known.append(.init(entry.address, host: pnn))
                    nodes[number].pinned.insert(entry.address)
                }
            }
        }
    }

    /// What the addresses are dealt out from.
    ///
    /// - Parameters:
    ///   - limit: the nodes that may host; nil: all.
    ///   - forced: nodes that get addresses although that is not needed for a balance.
    /// - Returns: the state.
    package func state(limitedTo limit: Set<PNN>?, forced: Set<PNN>) -> AddressState {
        let pinned = nodes.reduce(into: Set<PublicAddress>()) { $0.formUnion($1.pinned) }
        let list = nodes.enumerated().map { number, node in
            let pnn = PNN(rawValue: UInt32(number))
            // A node is the first to know that it is disabled, and does not offer anything then.
            let isAble = !node.flags.isInactive && limit?.contains(pnn) != false
            // One that was named hosts though it is unhealthy: somebody has decided so.
            let isNamed =
                limit?.contains(pnn) == true && !node.flags.isDisjoint(with: .disabled)
            var available = isNamed ? node.known.map(\.address) : node.available
            if !isAble { available = [] }
            if !pinned.isEmpty {
                available.removeAll { pinned.contains($0) }
                available += node.known.map(\.address).filter { node.pinned.contains($0) }
            }
            // What is pinned stays, whatever the node's flags say.
            let flags = node.pinned.isEmpty ? node.flags : []
            return AddressState.Node(
                flags: isNamed ? flags.subtracting(.disabled) : flags, known: node.known,
                available: available)
        }
        return AddressState(
            nodes: list,
            settings: TakeoverSettings(
                noTakeover: values.noTakeover, noFailback: values.noFailback,
                forcedNodes: forced.map { Int($0.rawValue) }.sorted()))
    }

    /// All that decides, but for who has what: when it changes, addresses are dealt out anew.
    package var inputs: TakeoverState {
        var inputs = self
        for number in nodes.indices {
            for place in nodes[number].known.indices {
                inputs.nodes[number].known[place].host = .unknown
            }
        }
        return inputs
    }

    /// Whether an address is where it should not be, or nowhere although a node could have it.
    package func needsRun(limitedTo limit: Set<PNN>?) -> Bool {
        let holders = holders
        if holders.values.contains(where: { $0.count > 1 }) { return true }
        let able = state(limitedTo: limit, forced: [])
        return able.asked.nodes.contains { node in
            node.available.contains { holders[$0] == nil }
        }
    }
}
