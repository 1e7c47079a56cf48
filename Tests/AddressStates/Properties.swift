// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import Vocabulary

/// What is true of every allocation.
public struct Properties {
    private let state: AddressState
    private let asked: AddressState
    private let result: Allocation
    private let able: [PublicAddress: Set<Int>]

    /// Looks at what an algorithm makes of a state.
    public init(_ state: AddressState, _ algorithm: Algorithm) throws {
        self.state = state
        asked = state.asked
        result = try state.allocation(by: algorithm)
        var able: [PublicAddress: Set<Int>] = [:]
        for (number, node) in asked.nodes.enumerated() {
            for address in node.available { able[address, default: []].insert(number) }
        }
        self.able = able
    }

    private func nodes(_ entry: Allocation.Entry) -> Set<Int> { able[entry.address] ?? [] }

    /// Everything that is not as it should be.
    public func violations() throws -> [String] {
        guard !result.isSkipped else {
            return result.moves.isEmpty ? [] : ["a run that is skipped moves addresses"]
        }
        var found = covered() + counted() + explained()
        if try state.allocation(by: result.algorithm) != result {
            found.append("the same state gives two answers")
        }
        if result.algorithm == .fewestMoves { found += balanced() + needed() }
        if result.algorithm == .nonDeterministic { found += evened() }
        return found
    }

    private func covered() -> [String] {
        var found: [String] = []
        var seen: Set<PublicAddress> = []
        for entry in result.entries {
            if !seen.insert(entry.address).inserted { found.append("\(entry.address) twice") }
            let nodes = nodes(entry)
            if entry.to == .unknown {
                if !nodes.isEmpty, !state.settings.noTakeover {
                    found.append("\(entry.address) is on no node, and \(nodes) can host it")
                }
            } else if !nodes.contains(Int(entry.to.rawValue)) {
                found.append("\(entry.address) is on \(entry.to), which cannot host it")
            } else if state.settings.noTakeover, entry.from != entry.to,
                result.algorithm != .deterministic
            {
                found.append("\(entry.address) is taken over although that is forbidden")
            }
            if state.settings.noFailback, result.algorithm != .deterministic,
                nodes.contains(Int(entry.from.rawValue)), entry.from != entry.to
            {
                found.append("\(entry.address) left \(entry.from) although it need not")
            }
        }
        let known = Set(asked.nodes.flatMap { $0.known.map(\.address) })
        // Two addresses of the two families can have the same key in ctdbd; one of them goes.
        if !seen.isSubset(of: known) { found.append("an address that nobody knows") }
        return found
    }

    private func counted() -> [String] {
        state.nodes.indices.compactMap { node in
            let after = result.entries.count { Int($0.to.rawValue) == node }
            return result.counts[node].after == after
                ? nil : "node \(node) has \(after), not \(result.counts[node].after)"
        }
    }

    private func explained() -> [String] {
        result.entries.compactMap { entry in
            (entry.from == entry.to) == (entry.reason == nil)
                ? nil : "\(entry.address): a move without a reason, or the reverse"
        }
    }

    /// By the non-deterministic algorithm, where all can host all, numbers differ by at most one.
    private func evened() -> [String] {
        guard !state.settings.noFailback, !state.settings.noTakeover,
            let all = result.entries.first.map(nodes), !all.isEmpty,
            result.entries.allSatisfy({ nodes($0) == all })
        else { return [] }
        let counts = all.map { result.counts[$0].after }
        let spread = (counts.max() ?? 0) - (counts.min() ?? 0)
        return spread <= 1 ? [] : ["numbers differ by \(spread)"]
    }

    /// By ours no chain of moves leads from a node to one that has two fewer.
    private func balanced() -> [String] {
        guard !state.settings.noTakeover else { return [] }
        var ways = [Set<Int>](repeating: [], count: state.nodes.count)
        for entry in result.entries where entry.to != .unknown {
            let isBound = state.settings.noFailback && entry.from == entry.to
            if !isBound { ways[Int(entry.to.rawValue)].formUnion(nodes(entry)) }
        }
        return state.nodes.indices.compactMap { start in
            var reached: Set<Int> = [start]
            var open = [start]
            while let node = open.popLast() {
                for next in ways[node] where reached.insert(next).inserted { open.append(next) }
            }
            let fewest = reached.map { result.counts[$0].after }.min() ?? 0
            return result.counts[start].after <= fewest + 1
                ? nil : "node \(start) has \(result.counts[start].after), one has \(fewest)"
        }
    }

    /// By ours nothing moves a second time, and swapping what moved gains nothing.
    private func needed() -> [String] {
        var found: [String] = []
        var next = state
        for entry in result.entries where entry.to != .unknown {
            for node in next.nodes.indices {
                // To ctdbd 10.0.0.1 and ::10.0.0.1 are one place in the list.
                for place in next.nodes[node].known.indices
                where next.nodes[node].known[place].address.low == entry.address.low
                    && next.nodes[node].known[place].address.high == entry.address.high
                {
                    next.nodes[node].known[place].host = entry.to
                }
            }
        }
        // A node that can host an address that it does not know cannot say that it has it.
        let isSound = result.entries.allSatisfy { entry in
            entry.to == .unknown
                || asked.nodes[Int(entry.to.rawValue)].known.contains {
                    $0.address == entry.address
                }
        }
        if isSound, let again = try? next.allocation(by: .fewestMoves),
            again.hosts != result.hosts
        {
            found.append("a second run moves addresses again")
        }
        // Two addresses that moved between the same nodes in opposite directions.
        var directions: Set<[UInt32]> = []
        for entry in result.moves where nodes(entry).contains(Int(entry.from.rawValue)) {
            directions.insert([entry.from.rawValue, entry.to.rawValue])
        }
        for entry in result.moves where nodes(entry).contains(Int(entry.from.rawValue)) {
            let back = [entry.to.rawValue, entry.from.rawValue]
            guard directions.contains(back) else { continue }
            let other = result.moves.first {
                $0.from == entry.to && $0.to == entry.from
                    && nodes($0).contains(Int($0.from.rawValue))
            }
            if other != nil { found.append("\(entry.address) is swapped with another one") }
        }
        return found
    }
}

/// Goes through all assignments of a tiny state.
public struct Exhaustive {
    /// The smallest sum of the squares of the nodes' numbers, with all covered that can be.
    public private(set) var imbalance = Int.max
    /// The fewest addresses that must leave a node that could keep them, for that sum.
    public private(set) var moves = Int.max

    /// Goes through them.
    public init(_ state: AddressState, like result: Allocation) {
        let asked = state.asked
        let choices = result.entries.map { entry -> (from: Int, nodes: [Int]) in
            let nodes = asked.nodes.indices.filter {
                asked.nodes[$0].available.contains(entry.address)
            }
            let from = Int(entry.from.rawValue)
            if state.settings.noFailback, nodes.contains(from) { return (from, [from]) }
            return (from, nodes)
        }
        var counts = [Int](repeating: 0, count: state.nodes.count)
        visit(choices[...], &counts, 0)
    }

    private mutating func visit(
        _ rest: ArraySlice<(from: Int, nodes: [Int])>, _ counts: inout [Int], _ moved: Int
    ) {
        guard let choice = rest.first else {
            let sum = counts.reduce(0) { $0 + $1 * $1 }
            if sum < imbalance || (sum == imbalance && moved < moves) {
                imbalance = sum
                moves = moved
            }
            return
        }
        if choice.nodes.isEmpty { visit(rest.dropFirst(), &counts, moved) }
        for node in choice.nodes {
            counts[node] += 1
            let isMove = choice.nodes.contains(choice.from) && choice.from != node
            visit(rest.dropFirst(), &counts, moved + (isMove ? 1 : 0))
            counts[node] -= 1
        }
    }

    /// What is wrong with an allocation of ours.
    public static func violations(_ state: AddressState) throws -> [String] {
        let result = try state.allocation(by: .fewestMoves)
        guard !result.isSkipped, !state.settings.noTakeover else { return [] }
        let best = Exhaustive(state, like: result)
        let asked = state.asked
        let sum = result.counts.reduce(0) { $0 + $1.after * $1.after }
        let moves = result.moves.count { entry in
            entry.from != .unknown
                && asked.nodes[Int(entry.from.rawValue)].available.contains(entry.address)
        }
        return sum == best.imbalance && moves == best.moves
            ? []
            : ["imbalance \(sum), moves \(moves); best \(best.imbalance), \(best.moves)"]
    }
}
