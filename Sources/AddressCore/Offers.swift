// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Addresses that nobody has, by what they cost where they cost least; LCP2 gives them away.
///
/// Costs are brought up to date when an address comes up, from the log of what was given away.
struct Offers {
    /// Who gets what, at which cost.
    struct Placement {
        let address: Int
        let node: Int
        let cost: UInt32
    }

    /// An address, and what was the cheapest place for it when it was looked at last.
    private struct Offer {
        let address: Int
        /// So much of the log is in its costs.
        var seen = 0
        var node = 0
        var cost = Offers.never
    }

    /// The mark of a node that cannot host; `AddressTable.addressLimit` sees to it that no sum
    /// comes near it.
    private static let never = UInt32.max

    private let nodeCount: Int
    private var offers: [Offer] = []
    /// A row for each offer.
    private var costs: [UInt32] = []
    /// Offers with the cheapest on top, the first one of several.
    private var heap: [Int32] = []
    private var log: [(node: Int, address: Int)] = []
    /// How long the log was when each node was given something for the last time.
    private var changed: [Int]

    init(nodeCount: Int) {
        self.nodeCount = nodeCount
        changed = [Int](repeating: 0, count: nodeCount)
    }

    /// Adds an address; the closure writes what it costs on each node that can host it into the row
    /// that begins where it is told.
    mutating func add(_ address: Int, _ write: (inout [UInt32], Int) -> Void) {
        let start = costs.count
        costs.append(contentsOf: repeatElement(Self.never, count: nodeCount))
        write(&costs, start)
        var offer = Offer(address: address)
        choose(&offer, start)
        guard offer.cost != Self.never else {
            costs.removeSubrange(start...)
            return
        }
        offers.append(offer)
    }

    /// To be called once, behind the last addition.
    mutating func arrange() {
        heap = offers.indices.map { Int32($0) }
        for at in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(at) }
    }

    /// Gives the next one away.
    mutating func next(cost: (Int, Int) -> UInt32) -> Placement? {
        while let top = heap.first {
            let row = Int(top)
            var offer = offers[row]
            guard changed[offer.node] > offer.seen else {
                takeTop()
                log.append((offer.node, offer.address))
                changed[offer.node] = log.count
                return Placement(address: offer.address, node: offer.node, cost: offer.cost)
            }
            let start = row * nodeCount
            for at in offer.seen..<log.count {
                let (node, address) = log[at]
                let place = start + node
                guard costs[place] != Self.never else { continue }
                costs[place] += cost(offer.address, address)
            }
            offer.seen = log.count
            chooseAgain(&offer, start)
            offers[row] = offer
            sink(0)
        }
        return nil
    }

    private func choose(_ offer: inout Offer, _ start: Int) {
        var best = Self.never
        for place in start..<start + nodeCount { best = min(best, costs[place]) }
        offer.cost = best
        guard best != Self.never else { return }
        for place in start..<start + nodeCount where costs[place] == best {
            offer.node = place - start
            return
        }
    }

    /// All nodes in front cost more than this one did; one behind may cost the same.
    private func chooseAgain(_ offer: inout Offer, _ start: Int) {
        for place in start + offer.node..<start + nodeCount where costs[place] == offer.cost {
            offer.node = place - start
            return
        }
        choose(&offer, start)
    }

    private func precedes(_ one: Int32, _ other: Int32) -> Bool {
        let costs = (offers[Int(one)].cost, offers[Int(other)].cost)
        return costs.0 == costs.1 ? one < other : costs.0 < costs.1
    }

    private mutating func takeTop() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        sink(0)
    }

    private mutating func sink(_ start: Int) {
        var at = start
        let moving = heap[at]
        while true {
            var child = 2 * at + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, precedes(heap[child + 1], heap[child]) { child += 1 }
            guard precedes(heap[child], moving) else { break }
            heap[at] = heap[child]
            at = child
        }
        heap[at] = moving
    }
}
