// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// Which node is to have which address after a takeover run, and why.
public struct Allocation: Equatable, Sendable {
    /// One address.
    public struct Entry: Equatable, Sendable {
        /// The address.
        public var address: PublicAddress
        /// The node that says it has it; `.unknown` if none says so.
        public var from: PNN
        /// The node that is to have it; `.unknown` if none can.
        public var to: PNN
        /// Why it moves; nil for one that stays as it is.
        public var reason: MoveReason?
    }

    /// How it was found.
    public var algorithm: Algorithm
    /// All addresses, from the highest to the lowest, as ctdbd goes through them.
    public var entries: [Entry]
    /// The number of addresses of each node before and after.
    public var counts: [(before: Int, after: Int)]
    /// Whether the run leaves all as it is without dealing out anything: failover is switched off,
    /// or no node could host an address ever since the cluster started.
    public var isSkipped: Bool

    /// Those that change their node, get one or lose theirs.
    public var moves: [Entry] { entries.filter { $0.from != $0.to } }

    /// The node that is to have each address.
    public var hosts: [PublicAddress: PNN] {
        Dictionary(entries.map { ($0.address, $0.to) }) { first, _ in first }
    }

    /// Compares all parts.
    public static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.algorithm == rhs.algorithm && lhs.entries == rhs.entries
            && lhs.isSkipped == rhs.isSkipped
            && lhs.counts.elementsEqual(rhs.counts) { $0 == $1 }
    }
}

extension AddressState {
    /// Deals out the addresses, as a takeover run would.
    ///
    /// - Parameter algorithm: one of ctdbd's, whose results are exactly ctdbd's, or ours.
    /// - Returns: the addresses, each with its node.
    /// - Throws: `.tooLarge`.
    public func allocation(
        by algorithm: Algorithm
    ) throws(AddressError) -> Allocation {
        let asked = asked
        let table = try AddressTable(asked)
        let isSkipped = settings.isFailoverDisabled || !asked.canHost
        let result = isSkipped ? table.holders : table.result(algorithm, settings)
        let suited = table.suited
        let counts = zip(table.counts(table.holders), table.counts(result))
            .map { (before: $0, after: $1) }
        let entries = result.indices.map { place in
            Allocation.Entry(
                address: table.addresses[place], from: Self.pnn(table.holders[place]),
                to: Self.pnn(result[place]),
                reason: table.holders[place] == result[place]
                    ? nil
                    : reason(
                        table, place, isSuited: suited[place] >= 0, to: result[place], counts,
                        algorithm))
        }
        return Allocation(
            algorithm: algorithm, entries: entries, counts: counts, isSkipped: isSkipped)
    }

    private static func pnn(_ holder: Int32) -> PNN {
        holder < 0 ? .unknown : PNN(rawValue: UInt32(holder))
    }

    private func reason(
        _ table: AddressTable, _ place: Int, isSuited: Bool, to target: Int32,
        _ counts: [(before: Int, after: Int)], _ algorithm: Algorithm
    ) -> MoveReason {
        let holder = table.holders[place]
        if holder < 0 {
            let rumour = table.rumours[place]
            let flags =
                nodes.indices.contains(Int(rumour.rawValue))
                ? nodes[Int(rumour.rawValue)].flags : []
            return .nobodyHasIt(last: rumour.isNode ? rumour : nil, flags)
        }
        guard isSuited else {
            return .holderCannotHost(nodes[Int(holder)].flags, isLast: target < 0)
        }
        guard target >= 0 else { return .takeoverForbidden }
        switch algorithm {
        case .deterministic:
            return place % table.nodeCount == Int(target)
                ? .ownPlace(place) : .placeTaken(place, belongsTo: place % table.nodeCount)
        case .lcp2: return .alikeApart
        case .nonDeterministic, .fewestMoves:
            return .evener(from: counts[Int(holder)].before, to: counts[Int(target)].before)
        }
    }
}

extension AddressTable {
    /// The holders that an algorithm finds.
    func result(_ algorithm: Algorithm, _ settings: TakeoverSettings) -> [Int32] {
        switch algorithm {
        case .deterministic: deterministic(settings)
        case .nonDeterministic: nonDeterministic(settings)
        case .lcp2: lcp2(settings)
        case .fewestMoves: fewestMoves(settings)
        }
    }
}
