// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import Vocabulary

/// LCP2 as ctdbd does it, step by step and with nothing remembered: slow, and plain to read.
///
/// Where ours takes short cuts, this says whether they lead to the same place.
///
/// - Source: ctdb/server/ipalloc_lcp2.c, Samba 4.17.
public struct PlainLCP2 {
    private let addresses: [PublicAddress]
    private let available: [[Bool]]
    private let nodeCount: Int
    private var holders: [Int?]

    /// Takes the addresses and holders from another run's entries, which have them in ctdbd's
    /// order; the state says who can host what.
    public static func hosts(_ state: AddressState, _ entries: [Allocation.Entry]) -> [PNN] {
        var run = PlainLCP2(state, entries)
        if !state.settings.noTakeover {
            var candidates = run.initialCandidates(state.settings.forcedNodes)
            run.placeUnassigned()
            if !state.settings.noFailback, !candidates.isEmpty {
                candidates.sort()
                while run.moveOne(to: candidates) {}
            }
        }
        return run.holders.map { $0.map { PNN(rawValue: UInt32($0)) } ?? .unknown }
    }

    /// Where ours goes elsewhere.
    public static func violations(_ state: AddressState) throws -> [String] {
        let result = try state.allocation(by: .lcp2)
        guard !result.isSkipped else { return [] }
        let plain = hosts(state, result.entries)
        return zip(result.entries, plain).filter { $0.to != $1 }.map {
            "LCP2 sends \($0.address) to \($0.to), ctdbd to \($1)"
        }
    }

    /// A state in which an imbalance outgrows 32 bits.
    public static var outgrown: AddressState {
        let known = (1...1_000).map { place in
            AddressState.Known(
                .ipv4(0x0A00_0000 + UInt32(place * 7)), host: PNN(rawValue: place < 990 ? 0 : 1))
        }
        return AddressState(
            nodes: [[], [], []].map { AddressState.Node(flags: $0, hosting: known) },
            settings: TakeoverSettings(forcedNodes: [1]))
    }

    private init(_ state: AddressState, _ entries: [Allocation.Entry]) {
        let asked = state.asked
        nodeCount = asked.nodes.count
        addresses = entries.map(\.address)
        let sets = asked.nodes.map { Set($0.available) }
        available = entries.map { entry in sets.map { $0.contains(entry.address) } }
        holders = entries.map { Int($0.from.rawValue) }
        for place in holders.indices {
            guard let holder = holders[place], holder < nodeCount, available[place][holder] else {
                holders[place] = nil
                continue
            }
        }
    }

    private func distance(_ one: Int, _ other: Int) -> UInt32 {
        func zeros(_ bits: UInt64) -> Int {
            UInt32(truncatingIfNeeded: bits >> 32).leadingZeroBitCount
                + UInt32(truncatingIfNeeded: bits).leadingZeroBitCount
        }
        let (a, b) = (addresses[one], addresses[other])
        let sum = UInt32(zeros(a.high ^ b.high) + zeros(a.low ^ b.low))
        return sum * sum
    }

    private func cost(_ address: Int, _ node: Int) -> UInt32 {
        var sum: UInt32 = 0
        for other in holders.indices where other != address && holders[other] == node {
            sum &+= distance(address, other)
        }
        return sum
    }

    private func imbalances() -> [UInt32] {
        var sums = [UInt32](repeating: 0, count: nodeCount)
        for one in holders.indices {
            guard let node = holders[one] else { continue }
            for other in (one + 1)..<max(holders.count, one + 1) where holders[other] == node {
                sums[node] &+= distance(one, other)
            }
        }
        return sums
    }

    private func initialCandidates(_ forced: [Int]) -> [Int] {
        (0..<nodeCount).filter { !holders.contains($0) || forced.contains($0) }
    }

    private mutating func placeUnassigned() {
        while true {
            var best: (address: Int, node: Int, cost: UInt32)?
            for address in holders.indices where holders[address] == nil {
                for node in 0..<nodeCount where available[address][node] {
                    let cost = cost(address, node)
                    if let found = best, cost >= found.cost { continue }
                    best = (address, node, cost)
                }
            }
            guard let best else { return }
            holders[best.address] = best.node
        }
    }

    private mutating func moveOne(to candidates: [Int]) -> Bool {
        let imbalances = imbalances()
        let order = imbalances.indices.sorted {
            imbalances[$0] == imbalances[$1] ? $0 < $1 : imbalances[$0] > imbalances[$1]
        }
        for source in order where imbalances[source] != 0 {
            var best: (address: Int, node: Int, sum: UInt32)?
            for address in holders.indices where holders[address] == source {
                let own = cost(address, source)
                let rest = imbalances[source] &- own
                for node in candidates where available[address][node] {
                    let there = cost(address, node)
                    let target = imbalances[node] &+ there
                    guard there < own, target < imbalances[source] else { continue }
                    if let found = best, rest &+ target >= found.sum { continue }
                    best = (address, node, rest &+ target)
                }
            }
            if let best {
                holders[best.address] = best.node
                return true
            }
        }
        return false
    }
}
