// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import Vocabulary

/// Numbers that a seed determines.
public struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    /// Starts a sequence.
    public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

    /// The next number (SplitMix64).
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

/// States of clusters, made up from seeds.
public enum RandomStates {
    /// A cluster of one to seven nodes with few addresses, in any state that answers of nodes can
    /// describe, contradictions included.
    public static func small(_ seed: UInt64) -> AddressState {
        var numbers = SeededNumbers(seed: seed)
        return state(
            nodes: Int.random(in: 1...7, using: &numbers),
            addresses: Int.random(in: 0...24, using: &numbers), &numbers)
    }

    /// A cluster so small that all its assignments can be gone through.
    public static func tiny(_ seed: UInt64) -> AddressState {
        var numbers = SeededNumbers(seed: seed)
        return state(
            nodes: Int.random(in: 1...4, using: &numbers),
            addresses: Int.random(in: 0...6, using: &numbers), &numbers)
    }

    /// A cluster of a given size.
    public static func state(
        nodes nodeCount: Int, addresses addressCount: Int, _ numbers: inout SeededNumbers
    ) -> AddressState {
        let addresses = (0..<addressCount).map { _ in address(&numbers) }
        // What kind of cluster: how many know an address, can host it, and contradict each other.
        let knowing = [100, 100, 80, 50].randomElement(using: &numbers) ?? 100
        let able = [100, 100, 80, 40].randomElement(using: &numbers) ?? 100
        let lying = [0, 0, 0, 15].randomElement(using: &numbers) ?? 0
        let hosted = [0, 50, 100, 100].randomElement(using: &numbers) ?? 100
        let crowd = Int.random(in: 1...nodeCount, using: &numbers)
        var nodes = (0..<nodeCount).map { _ in AddressState.Node(flags: flags(&numbers)) }
        for address in addresses {
            let host =
                chance(hosted, &numbers)
                ? PNN(rawValue: UInt32(Int.random(in: 0..<crowd, using: &numbers))) : .unknown
            for node in nodes.indices {
                guard chance(knowing, &numbers) else { continue }
                let belief =
                    chance(lying, &numbers)
                    ? PNN(rawValue: UInt32(Int.random(in: 0...nodeCount, using: &numbers))) : host
                nodes[node].known.append(.init(address, host: belief))
                let unfit: NodeFlags = [.inactive, .disabled]
                let isFit = nodes[node].flags.isDisjoint(with: unfit) || chance(lying, &numbers)
                if isFit, chance(able, &numbers) { nodes[node].available.append(address) }
            }
        }
        if chance(50, &numbers) {
            for node in nodes.indices { nodes[node].known.shuffle(using: &numbers) }
        }
        return AddressState(
            nodes: nodes,
            settings: TakeoverSettings(
                noTakeover: chance(8, &numbers), noFailback: chance(20, &numbers),
                forcedNodes: chance(20, &numbers)
                    ? (0..<Int.random(in: 1...3, using: &numbers)).map { _ in
                        Int.random(in: 0...nodeCount, using: &numbers)
                    } : []))
    }

    private static func chance(_ percent: Int, _ numbers: inout SeededNumbers) -> Bool {
        Int.random(in: 0..<100, using: &numbers) < percent
    }

    private static func flags(_ numbers: inout SeededNumbers) -> NodeFlags {
        guard chance(30, &numbers) else { return [] }
        return [
            [.disconnected], [.unhealthy], [.permanentlyDisabled], [.banned], [.stopped],
            [.deleted, .disconnected], [.unhealthy, .banned],
        ].randomElement(using: &numbers) ?? []
    }

    /// Mostly neighbours, sometimes far away, sometimes the two families with the same key.
    private static func address(_ numbers: inout SeededNumbers) -> PublicAddress {
        let host = UInt32.random(in: 1...60, using: &numbers)
        switch Int.random(in: 0..<10, using: &numbers) {
        case 0..<4: return .ipv4(0x0A00_0000 + host)
        case 4..<6:
            let net = UInt32.random(in: 0...3, using: &numbers) << 16
            return .ipv4(0x0A00_0000 + net + host)
        case 6: return .ipv4(UInt32.random(in: .min ... .max, using: &numbers))
        case 7: return .ipv6(high: 0, low: 0x0A00_0000 + UInt64(host))
        default:
            return .ipv6(
                high: 0xFD00_0000_0000_0000 + UInt64.random(in: 0...2, using: &numbers),
                low: UInt64(host))
        }
    }
}
