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
        /// Its address daemon, which does not answer: what it has stays where it is.
        case silent
    }

    /// One node.
    package struct Node: Equatable, Sendable {
        package var flags: NodeFlags = []
        package var mover = Mover.ctdbd
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

    /// Fills in what silent nodes have by what the others believe: it stays there, for nobody can
    /// take it away, and a second node must not have it.
    package mutating func pinSilent() {
        for (number, node) in nodes.enumerated() where node.mover == .silent {
            let pnn = PNN(rawValue: UInt32(number))
            guard node.flags.isConnected else { continue }
            var seen = Set<PublicAddress>()
            var pinned: [AddressState.Known] = []
            for other in nodes where other.mover != .silent {
                for entry in other.known where entry.host == pnn {
                    if seen.insert(entry.address).inserted {
                        pinned.append(.init(entry.address, host: pnn))
                    }
                }
            }
            nodes[number].known = pinned
            nodes[number].available = pinned.map(\.address)
        }
    }

    /// What the addresses are dealt out from.
    ///
    /// - Parameters:
    ///   - limit: the nodes that may host; nil: all.
    ///   - forced: nodes that get addresses although that is not needed for a balance.
    /// - Returns: the state.
    package func state(limitedTo limit: Set<PNN>?, forced: Set<PNN>) -> AddressState {
        let list = nodes.enumerated().map { number, node in
            let pnn = PNN(rawValue: UInt32(number))
            let isSilent = node.mover == .silent
            // A node is the first to know that it is disabled, and does not offer anything then.
            let isAble =
                isSilent
                || (!node.flags.isInactive && limit?.contains(pnn) != false)
            // What a silent daemon has stays, whatever the node's flags say.
            let flags = isSilent && node.flags.isConnected ? NodeFlags() : node.flags
            // One that was named hosts though it is unhealthy: somebody has decided so.
            let isNamed =
                limit?.contains(pnn) == true && !node.flags.isDisjoint(with: .disabled)
            let available = isNamed ? node.known.map(\.address) : node.available
            return AddressState.Node(
                flags: isNamed ? flags.subtracting(.disabled) : flags, known: node.known,
                available: isAble ? available : [])
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
