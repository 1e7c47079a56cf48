// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// What the leader of a cluster knows when it starts a takeover run.
public struct AddressState: Equatable, Sendable {
    /// An address that a node is configured with, and who has it as that node sees it.
    public struct Known: Hashable, Sendable {
        /// The address.
        public var address: PublicAddress
        /// The node that has it; `.unknown` for none.
        public var host: PNN

        /// Makes an entry.
        public init(_ address: PublicAddress, host: PNN = .unknown) {
            self.address = address
            self.host = host
        }
    }

    /// What a node says of itself, and the cluster of it.
    public struct Node: Equatable, Sendable {
        /// Its flags as the leader sees them.
        public var flags: NodeFlags
        /// Its addresses in the order that it answers them in.
        public var known: [Known]
        /// Those of them that it can host now: it is running and healthy and a link is up.
        public var available: [PublicAddress]

        /// Makes a node.
        public init(
            flags: NodeFlags = [], known: [Known] = [], available: [PublicAddress] = []
        ) {
            self.flags = flags
            self.known = known
            self.available = available
        }

        /// A node that can host all that it knows, if its flags let it, as it judges itself.
        public init(flags: NodeFlags, hosting known: [Known]) {
            let able = flags.isDisjoint(with: [.inactive, .disabled])
            self.init(
                flags: flags, known: known, available: able ? known.map(\.address) : [])
        }
    }

    /// Every node of the nodes file, deleted ones too, by number: deterministic allocation counts
    /// them all.
    public var nodes: [Node]
    /// What an administrator has set.
    public var settings: TakeoverSettings

    /// Makes a state.
    public init(nodes: [Node], settings: TakeoverSettings = TakeoverSettings()) {
        self.nodes = nodes
        self.settings = settings
    }

    /// The state after the leader has left out the answers of nodes that it does not ask: known
    /// addresses are asked of connected nodes, available ones of those of them that are active and
    /// know any.
    ///
    /// - Source: `takeover_nodemap_done()` and `takeover_known_ips_done()`,
    ///   ctdb/server/ctdb_takeover_helper.c, Samba 4.17.
    public var asked: AddressState {
        var asked = self
        for index in nodes.indices {
            if nodes[index].flags.contains(.disconnected) { asked.nodes[index].known = [] }
            if asked.nodes[index].known.isEmpty || nodes[index].flags.isInactive {
                asked.nodes[index].available = []
            }
        }
        return asked
    }

    /// Whether a run deals out addresses at all.
    ///
    /// It does when one is hosted by the node that says so, or when one is known somewhere and one
    /// is available somewhere. Until then ctdbd leaves all as it is.
    ///
    /// - Source: `ipalloc_can_host_ips()`, ctdb/server/ipalloc.c, Samba 4.17.
    var canHost: Bool {
        var isKnown = false
        for (index, node) in nodes.enumerated() {
            isKnown = isKnown || !node.known.isEmpty
            if node.known.contains(where: { Int($0.host.rawValue) == index }) { return true }
        }
        return isKnown && nodes.contains { !$0.available.isEmpty }
    }
}
