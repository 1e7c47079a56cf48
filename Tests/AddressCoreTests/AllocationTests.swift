// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import Testing
import Vocabulary

/// Single states with known ends.
@Suite struct AllocationTests {
    /// Nodes that all know 10.0.0.1 to 10.0.0.COUNT.
    static func cluster(
        _ flags: [NodeFlags], count: Int, hosts: (Int) -> UInt32?,
        settings: TakeoverSettings = TakeoverSettings()
    ) -> AddressState {
        let known = (1...count).map { number in
            AddressState.Known(
                .ipv4(0x0A00_0000 + UInt32(number)),
                host: hosts(number).map { PNN(rawValue: $0) } ?? .unknown)
        }
        return AddressState(
            nodes: flags.map { AddressState.Node(flags: $0, hosting: known) }, settings: settings)
    }

    static func places(_ allocation: Allocation) -> [UInt32] {
        allocation.entries.map(\.to.rawValue)
    }

    @Test func deterministicCountsFromTheHighestAddressAndAllNodes() throws {
        let state = Self.cluster([[], [.deleted, .disconnected], []], count: 6) { _ in nil }
        let result = try state.allocation(by: .deterministic)
        #expect(result.entries.first?.address == .ipv4(0x0A00_0006))
        #expect(Self.places(result) == [0, 0, 2, 0, 2, 2])
        #expect(result.entries[1].reason == .nobodyHasIt(last: nil, []))
    }

    @Test func theTunableChoosesTheAlgorithm() {
        #expect(
            [0, 1, 2, 3, .max].map { Algorithm(tunable: $0) }
                == [.deterministic, .nonDeterministic, .lcp2, .lcp2, .lcp2])
    }

    @Test(arguments: Algorithm.allCases)
    func aFailedNodeLosesAllAndSaysWhy(algorithm: Algorithm) throws {
        let state = Self.cluster([[], [.unhealthy], []], count: 6) { UInt32($0 % 3) }
        let result = try state.allocation(by: algorithm)
        #expect(result.counts.map(\.after) == [3, 0, 3])
        let lost = result.entries.filter { $0.from == PNN(rawValue: 1) }
        #expect(lost.map(\.reason) == [.holderCannotHost(.unhealthy, isLast: false)].repeated(2))
        #expect(lost.first?.reason?.description == "its node is unhealthy")
    }

    @Test(arguments: Algorithm.allCases)
    func whileAllAreUnhealthyNobodyHostsAny(algorithm: Algorithm) throws {
        let state = Self.cluster([[.unhealthy], [.unhealthy]], count: 4) { UInt32($0 % 2) }
        let result = try state.allocation(by: algorithm)
        #expect(!result.isSkipped)
        #expect(result.entries.allSatisfy { $0.to == .unknown })
        #expect(
            result.entries.allSatisfy { $0.reason == .holderCannotHost(.unhealthy, isLast: true) })
    }

    @Test(arguments: Algorithm.allCases)
    func beforeTheFirstNodeIsHealthyARunDoesNothing(algorithm: Algorithm) throws {
        let state = Self.cluster([[.unhealthy], [.unhealthy]], count: 4) { _ in nil }
        let result = try state.allocation(by: algorithm)
        #expect(result.isSkipped)
        #expect(result.moves.isEmpty)
    }

    @Test func failoverSwitchedOffMovesNothing() throws {
        let state = Self.cluster(
            [[], [.banned]], count: 4, hosts: { UInt32($0 % 2) },
            settings: TakeoverSettings(isFailoverDisabled: true))
        let result = try state.allocation(by: .lcp2)
        #expect(result.isSkipped && result.moves.isEmpty)
    }

    @Test func aDisconnectedNodeIsNotAsked() throws {
        let state = Self.cluster([[], [.disconnected]], count: 2) { UInt32($0 % 2) }
        let result = try state.allocation(by: .lcp2)
        #expect(Self.places(result) == [0, 0])
        #expect(
            result.moves.map(\.reason)
                == [.nobodyHasIt(last: PNN(rawValue: 1), .disconnected)])
    }

    @Test func oursMovesWhatBalanceNeedsAndNoMore() throws {
        let state = Self.cluster([[], [], [], []], count: 12) { UInt32($0 % 3) }
        let result = try state.allocation(by: .fewestMoves)
        #expect(result.counts.map(\.after) == [3, 3, 3, 3])
        #expect(result.moves.count == 3)
        #expect(result.moves.allSatisfy { $0.to == PNN(rawValue: 3) })
        #expect(result.moves.first?.reason == .evener(from: 4, to: 0))
        // LCP2 moves to the node that has none, too; deterministic deals out anew.
        #expect(try state.allocation(by: .deterministic).moves.count == 9)
    }

    @Test func oursFindsChains() throws {
        // Node 0 can give only to node 1, and node 1 only what it has of another kind to node 2.
        let a = (1...4).map { PublicAddress.ipv4(UInt32($0)) }
        let b = (5...6).map { PublicAddress.ipv4(UInt32($0)) }
        func known(_ list: [PublicAddress], _ host: UInt32) -> [AddressState.Known] {
            list.map { .init($0, host: PNN(rawValue: host)) }
        }
        let state = AddressState(nodes: [
            .init(flags: [], hosting: known(a, 0)),
            .init(flags: [], hosting: known(a, 0) + known(b, 1)),
            .init(flags: [], hosting: known(b, 1)),
        ])
        let result = try state.allocation(by: .fewestMoves)
        #expect(result.counts.map(\.after) == [2, 2, 2])
        #expect(result.moves.count == 4)
    }

    @Test func forcedNodesOpenLCP2() throws {
        let hosts: (Int) -> UInt32 = { $0 == 1 ? 1 : 0 }
        let still = Self.cluster([[], []], count: 8, hosts: hosts)
        #expect(try still.allocation(by: .lcp2).moves.isEmpty)
        let forced = Self.cluster(
            [[], []], count: 8, hosts: hosts, settings: TakeoverSettings(forcedNodes: [1, 9]))
        let result = try forced.allocation(by: .lcp2)
        #expect(result.counts.map(\.after) == [4, 4])
        #expect(result.moves.first?.reason == .alikeApart)
    }

    @Test func imbalancesThatOutgrow32BitsAreNoTrap() throws {
        let state = Self.cluster([[], [], []], count: 1_200) { $0 < 1_190 ? 0 : 1 }
        let result = try state.allocation(by: .lcp2)
        #expect(result.counts.map(\.after).reduce(0, +) == 1_200)
    }

    @Test func moreThanCanBeIsRefused() {
        let state = Self.cluster([[]], count: 140_000) { _ in nil }
        #expect(throws: AddressError.tooLarge(nodes: 1, addresses: 140_000)) {
            try state.allocation(by: .lcp2)
        }
    }

    @Test func nothingAtAllIsNoTrap() throws {
        for algorithm in Algorithm.allCases {
            #expect(try AddressState(nodes: []).allocation(by: algorithm).isSkipped)
            #expect(try AddressState(nodes: [.init()]).allocation(by: algorithm).isSkipped)
        }
    }
}

extension Array {
    fileprivate func repeated(_ count: Int) -> [Element] {
        (0..<count).flatMap { _ in self }
    }
}
