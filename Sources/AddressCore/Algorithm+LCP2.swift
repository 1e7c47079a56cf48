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
    /// Sums only grow, so what an address cost when it was looked at last is a lower bound. The
    /// offers wait in a heap by it, and only the one on top is looked at again, if its node was
    /// given something since.
    ///
    /// - Source: `lcp2_allocate_unassigned()`.
    mutating func placeUnassigned() {
        let lists = Self.lists(holders, table.nodeCount)
        var offers = Offers(nodeCount: table.nodeCount)
        for address in holders.indices where holders[address] < 0 {
            offers.add(address) { costs, start in
                table.available.forEach(in: address) { node in
                    var sum: UInt32 = 0
                    for other in lists[node] { sum += cost(address, other) }
                    costs[start + node] = sum
                }
            }
        }
        offers.arrange()
        while let offer = offers.next(cost: cost) {
            holders[offer.address] = Int32(offer.node)
            imbalances[offer.node] &+= offer.cost
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
    /// What each address costs on each candidate whose column is filled, and on its own node.
    private var costs: [UInt32]
    private var isFilled: [Bool]
    private var ownCosts: [UInt32]
    /// The square of the shortest distance between two of the addresses, or less.
    private let shortest: UInt64
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
        // An IPv4 address has 96 zeros in front, which all of them share.
        let distance: UInt64 = keys.allSatisfy { $0.high == 0 && $0.low >> 32 == 0 } ? 96 : 0
        shortest = distance * distance
        lists = [[Int]](repeating: [], count: table.nodeCount)
        for (address, holder) in holders.enumerated() where holder >= 0 {
            lists[Int(holder)].append(address)
        }
        costs = [UInt32](repeating: 0, count: holders.count * candidates.count)
        isFilled = [Bool](repeating: false, count: candidates.count)
        ownCosts = [UInt32](repeating: 0, count: holders.count)
        changed = [Int](repeating: 1, count: table.nodeCount)
        exhausted = [Int](repeating: 0, count: table.nodeCount)
        for address in holders.indices where holders[address] >= 0 {
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

    /// Whether a node may stay below an imbalance with one more address, whichever it is.
    ///
    /// Every other address there adds at least the square of the shortest distance. Where 32 bits
    /// may overflow nothing can be told in advance.
    private func canTake(_ node: Int, below limit: UInt32) -> Bool {
        let count = UInt64(lists[node].count)
        let own = UInt64(imbalances[node])
        guard own + count * Self.longest <= UInt64(UInt32.max) else { return true }
        return own + count * shortest < UInt64(limit)
    }

    /// The square of the longest distance there can be.
    private static let longest: UInt64 = 128 * 128

    private mutating func fill(_ column: Int) {
        isFilled[column] = true
        let node = candidates[column]
        for address in holders.indices where holders[address] >= 0 {
            costs[address * candidates.count + column] = sum(address, node)
        }
    }

    /// The move that leaves the two nodes with the smallest sum of imbalances.
    ///
    /// Where nothing was found before, and the node is as it was, only candidates that have changed
    /// since are looked at: for the others the answer is the same.
    ///
    /// - Source: `lcp2_failback_candidate()`.
    private mutating func bestMove(from source: Int) -> Move? {
        let since = exhausted[source] > changed[source] ? exhausted[source] : 0
        let imbalance = imbalances[source]
        let columns = candidates.indices.filter {
            changed[candidates[$0]] > since && canTake(candidates[$0], below: imbalance)
        }
        guard !columns.isEmpty else { return nil }
        for column in columns where !isFilled[column] { fill(column) }
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
            if isFilled[move.column] { costs[row + move.column] &+= change }
            if let sourceColumn, isFilled[sourceColumn] { costs[row + sourceColumn] &-= change }
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
