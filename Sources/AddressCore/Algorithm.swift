// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// How addresses are dealt out to nodes.
public enum Algorithm: String, CaseIterable, Hashable, Sendable {
    /// The address at place i belongs to node i modulo the number of nodes.
    case deterministic
    /// Even numbers of addresses; moves as many as that takes.
    case nonDeterministic = "non-deterministic"
    /// Addresses that are alike are kept apart; moves only to nodes that have none.
    case lcp2
    /// The evenest numbers of addresses that are possible, by the fewest moves; ours.
    case fewestMoves = "fewest-moves"

    /// The algorithm that ctdbd takes for a value of the tunable `IPAllocAlgorithm`.
    ///
    /// - Source: `determine_algorithm()`, ctdb/server/ctdb_takeover_helper.c, Samba 4.17. The
    ///   tunables `DeterministicIPs` and `LCP2PublicIPs` have no effect any more.
    public init(tunable: UInt32) {
        switch tunable {
        case 0: self = .deterministic
        case 1: self = .nonDeterministic
        default: self = .lcp2
        }
    }
}

/// What an administrator has set for takeover runs.
///
/// `NoIPHostOnAllDisabled` is not among it: 4.17 still lists it, but looks at it nowhere, so that
/// no node hosts an address while all are unhealthy.
public struct TakeoverSettings: Hashable, Sendable {
    /// `NoIPTakeover`: no node is given an address.
    public var noTakeover: Bool
    /// `NoIPFailback`: addresses stay where they are while their node can host them.
    public var noFailback: Bool
    /// Nodes that LCP2 may move addresses to although they have some; unknown nodes are ignored.
    public var forcedNodes: [Int]
    /// Address failover is switched off as a whole: nothing moves.
    public var isFailoverDisabled: Bool

    /// Makes settings; the defaults are ctdbd's.
    public init(
        noTakeover: Bool = false, noFailback: Bool = false, forcedNodes: [Int] = [],
        isFailoverDisabled: Bool = false
    ) {
        self.noTakeover = noTakeover
        self.noFailback = noFailback
        self.forcedNodes = forcedNodes
        self.isFailoverDisabled = isFailoverDisabled
    }
}
