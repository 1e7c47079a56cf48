// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension AddressTable {
    /// Deals out so that addresses with long common prefixes are on different nodes.
    ///
    /// - Source: `ipalloc_lcp2()`, ctdb/server/ipalloc_lcp2.c, Samba 4.17.
    func lcp2(_ settings: TakeoverSettings) -> [Int32] {
        var spreading = Spreading(self, settings)
        guard !settings.noTakeover else { return spreading.holders }
        spreading.placeUnassigned()
        if !settings.noFailback { spreading.rebalance() }
        return spreading.holders
    }
}

/// A run of LCP2.
///
/// What an address costs on a node is the sum of the squares of its distances to the
/// addresses there; a node's imbalance is the sum over its pairs. ctdbd counts both in 32 bits,
/// which an imbalance can outgrow, and adds them up anew each time; here they are kept.
private struct Spreading {
    let table: AddressTable
    var holders: [Int32]
    private let keys: [PublicAddress.Key]
    private var imbalances: [UInt32]
    /// The nodes that addresses may be moved to, in order.
    private var candidates: [Int] = []

    /// - Source: `lcp2_init()`.
    init(_ table: AddressTable, _ settings: TakeoverSettings) {
        self.table = table
        keys = table.addresses.map(\.key)
        holders = table.suited
        imbalances = [UInt32](repeating: 0, count: table.nodeCount)
        let lists = Self.lists(holders, table.nodeCount)
        for (node, list) in lists.enumerated() {
            for place in list.indices {
                for other in list[(place + 1)...] {
                    imbalances[node] &+= cost(list[place], other)
                }
            }
        }
        let forced = Set(settings.forcedNodes)
        candidates = lists.indices.filter { lists[$0].isEmpty || forced.contains($0) }
    }

    /// The addresses of each node in order.
    private static func lists(_ holders: [Int32], _ nodeCount: Int) -> [[Int]] {
        var lists = [[Int]](repeating: [], count: nodeCount)
        for (address, holder) in holders.enumerated() where holder >= 0 {
            lists[Int(holder)].append(address)
        }
        return lists
    }

    private func cost(_ one: Int, _ other: Int) -> UInt32 {
        let distance = keys[one].distance(to: keys[other])
        return distance &* distance
    }

    // MARK: Addresses that nobody has

    /// Gives away one address after the other, each time the one that costs least where it costs
    /// least; the first address, then the lowest node, of several.
    ///
    /// - Source: `lcp2_allocate_unassigned()`.
    mutating func placeUnassigned() {
        let nodeCount = table.nodeCount
        var waiting = holders.indices.filter { holders[$0] < 0 }.map { Offer(address: $0) }
        guard !waiting.isEmpty else { return }
        // No sum comes near the mark of a node that cannot host: `addressLimit` sees to it.
        let never = UInt32.max
        var costs = [UInt32](repeating: never, count: waiting.count * nodeCount)
        let lists = Self.lists(holders, nodeCount)
        for row in waiting.indices {
            waiting[row].row = row * nodeCount
            let address = waiting[row].address
            table.available.forEach(in: address) { node in
                var sum: UInt32 = 0
                for other in lists[node] { sum += cost(address, other) }
                costs[row * nodeCount + node] = sum
            }
            waiting[row].choose(costs, nodeCount)
        }
        waiting.removeAll { $0.cost == never }
        while !waiting.isEmpty {
            var best = 0
            for row in waiting.indices where waiting[row].cost < waiting[best].cost { best = row }
            let offer = waiting.remove(at: best)
            holders[offer.address] = Int32(offer.node)
            imbalances[offer.node] &+= offer.cost
            for row in waiting.indices {
                let place = waiting[row].row + offer.node
                guard costs[place] != never else { continue }
                costs[place] += cost(waiting[row].address, offer.address)
                // Sums only grow, so a choice stands until its own node costs more.
                if waiting[row].node == offer.node { waiting[row].chooseAgain(costs, nodeCount) }
            }
        }
    }

    /// An address that nobody has, and where it would cost least.
    private struct Offer {
        let address: Int
        /// Where its costs begin.
        var row = 0
        var node = 0
        var cost = UInt32.max

        mutating func choose(_ costs: [UInt32], _ nodeCount: Int) {
            cost = .max
            for at in 0..<nodeCount where costs[row + at] < cost {
                node = at
                cost = costs[row + at]
            }
        }

        /// All nodes in front cost more than this one did; one behind may cost the same.
        mutating func chooseAgain(_ costs: [UInt32], _ nodeCount: Int) {
            for at in node..<nodeCount where costs[row + at] == cost {
                node = at
                return
            }
            choose(costs, nodeCount)
        }
    }

    // MARK: Moving addresses to nodes that have none

    /// Moves one address after the other away from the most imbalanced node that has one to move;
    /// the lowest node of several, since the C library's sort keeps their order.
    ///
    /// - Source: `lcp2_failback()`.
    mutating func rebalance() {
        guard !candidates.isEmpty else { return }
        var failback = Failback(table, holders, imbalances, candidates, keys)
        while failback.step() {}
        holders = failback.holders
    }
}

/// The part of LCP2 that moves addresses.
private struct Failback {
    let table: AddressTable
    var holders: [Int32]
    private var imbalances: [UInt32]
    private let candidates: [Int]
    private let keys: [PublicAddress.Key]
    private var lists: [[Int]]
    /// For each address what it costs on each candidate, and on its own node.
    private var costs: [UInt32]
    private var ownCosts: [UInt32]
    /// When each node last changed, and when it was last found to have nothing to move.
    private var changed: [Int]
    private var exhausted: [Int]
    private var clock = 1

    init(
        _ table: AddressTable, _ holders: [Int32], _ imbalances: [UInt32], _ candidates: [Int],
        _ keys: [PublicAddress.Key]
    ) {
        self.table = table
        self.holders = holders
        self.imbalances = imbalances
        self.candidates = candidates
        self.keys = keys
        lists = [[Int]](repeating: [], count: table.nodeCount)
        for (address, holder) in holders.enumerated() where holder >= 0 {
            lists[Int(holder)].append(address)
        }
        costs = [UInt32](repeating: 0, count: holders.count * candidates.count)
        ownCosts = [UInt32](repeating: 0, count: holders.count)
        changed = [Int](repeating: 1, count: table.nodeCount)
        exhausted = [Int](repeating: 0, count: table.nodeCount)
        for address in holders.indices where holders[address] >= 0 {
            for (column, node) in candidates.enumerated() {
                costs[address * candidates.count + column] = sum(address, node)
            }
            ownCosts[address] = sum(address, Int(holders[address]))
        }
    }

    private func cost(_ one: Int, _ other: Int) -> UInt32 {
        let distance = keys[one].distance(to: keys[other])
        return distance &* distance
    }

    private func sum(_ address: Int, _ node: Int) -> UInt32 {
        var sum: UInt32 = 0
        for other in lists[node] where other != address { sum &+= cost(address, other) }
        return sum
    }

    /// Moves one address.
    ///
    /// - Returns: whether there was one to move.
    mutating func step() -> Bool {
        let order = imbalances.indices.filter { imbalances[$0] != 0 }.sorted {
            imbalances[$0] == imbalances[$1] ? $0 < $1 : imbalances[$0] > imbalances[$1]
        }
        for source in order {
            if let move = bestMove(from: source) {
                carryOut(move, from: source)
                return true
            }
            exhausted[source] = clock
        }
        return false
    }

    private struct Move {
        var address: Int
        var column: Int
        var sourceImbalance: UInt32
        var targetImbalance: UInt32
    }

    /// The move that leaves the two nodes with the smallest sum of imbalances.
    ///
    /// Where nothing was found before, and the node is as it was, only candidates that have changed
    /// since are looked at: for the others the answer is the same.
    ///
    /// - Source: `lcp2_failback_candidate()`.
    private func bestMove(from source: Int) -> Move? {
        let since = exhausted[source] > changed[source] ? exhausted[source] : 0
        let columns = candidates.indices.filter { changed[candidates[$0]] > since }
        guard !columns.isEmpty else { return nil }
        let imbalance = imbalances[source]
        var best: Move?
        for address in lists[source] {
            let own = ownCosts[address]
            for column in columns {
                let sum = costs[address * candidates.count + column]
                let node = candidates[column]
                let target = imbalances[node] &+ sum
                guard sum < own, target < imbalance, table.available.contains(node, in: address)
                else { continue }
                let rest = imbalance &- own
                if let best,
                    rest &+ target >= best.sourceImbalance &+ best.targetImbalance
                {
                    continue
                }
                best = Move(
                    address: address, column: column, sourceImbalance: rest,
                    targetImbalance: target)
            }
        }
        return best
    }

    private mutating func carryOut(_ move: Move, from source: Int) {
        let target = candidates[move.column]
        imbalances[source] = move.sourceImbalance
        imbalances[target] = move.targetImbalance
        lists[source].removeAll { $0 == move.address }
        lists[target].append(move.address)
        lists[target].sort()
        holders[move.address] = Int32(target)
        let sourceColumn = candidates.firstIndex(of: source)
        for address in holders.indices where holders[address] >= 0 && address != move.address {
            let change = cost(address, move.address)
            let row = address * candidates.count
            costs[row + move.column] &+= change
            if let sourceColumn { costs[row + sourceColumn] &-= change }
            if holders[address] == Int32(target) { ownCosts[address] &+= change }
            if holders[address] == Int32(source) { ownCosts[address] &-= change }
        }
        ownCosts[move.address] = sum(move.address, target)
        clock += 1
        changed[source] = clock
        changed[target] = clock
        clock += 1
    }
}
