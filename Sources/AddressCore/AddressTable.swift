// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// The addresses of all nodes together: what the algorithms work on.
///
/// - Shape: addresses from the highest to the lowest, as ctdbd goes through them.
/// - Source: `create_merged_ip_list()` and `populate_bitmap()`, ctdb/server/ipalloc.c, Samba 4.17.
struct AddressTable {
    /// So many pairs of a node and an address are taken on.
    static let pairLimit = 1 << 27
    /// So many addresses are: the sums of LCP2 fit into 32 bits for each node.
    static let addressLimit = 1 << 17
    /// In place of a node.
    static let nobody: Int32 = -1

    let nodeCount: Int
    let addresses: [PublicAddress]
    /// Who has each address now, by what the nodes say of themselves: with several the last one.
    let holders: [Int32]
    /// Who has it by what any node says, for explanations.
    let rumours: [PNN]
    /// The nodes that can host each address now.
    let available: NodeSets

    init(_ state: AddressState) throws(AddressError) {
        nodeCount = state.nodes.count
        var index = AddressIndex()
        var holders: [Int32] = []
        var rumours: [PNN] = []
        for (pnn, node) in state.nodes.enumerated() {
            var list = index.startList()
            for known in node.known {
                let place = index.add(known.address, &list)
                if place == holders.count {
                    holders.append(Self.nobody)
                    rumours.append(.unknown)
                }
                if known.host.isNode { rumours[place] = known.host }
                if Int(known.host.rawValue) == pnn { holders[place] = Int32(pnn) }
            }
            index.endList(list)
        }
        guard index.addresses.count <= Self.addressLimit,
            index.addresses.count <= Self.pairLimit / max(nodeCount, 1)
        else { throw .tooLarge(nodes: nodeCount, addresses: index.addresses.count) }

        let order = index.addresses.indices.sorted {
            index.addresses[$1].key < index.addresses[$0].key
        }
        var rank = [Int](repeating: 0, count: order.count)
        for (place, old) in order.enumerated() { rank[old] = place }
        addresses = order.map { index.addresses[$0] }
        self.holders = order.map { holders[$0] }
        self.rumours = order.map { rumours[$0] }

        var available = NodeSets(rows: order.count, columns: nodeCount)
        for (pnn, node) in state.nodes.enumerated() {
            var list = index.startList()
            for address in node.available {
                if let place = index.find(address, &list) { available.insert(pnn, in: rank[place]) }
            }
            index.endList(list)
        }
        self.available = available
    }

    /// The current holders that can go on hosting.
    var suited: [Int32] { suited(holders) }

    /// Those of some holders that can host what they are to have.
    func suited(_ holders: [Int32]) -> [Int32] {
        holders.enumerated().map { place, holder in
            holder >= 0 && available.contains(Int(holder), in: place) ? holder : Self.nobody
        }
    }

    /// The number of addresses of each node.
    func counts(_ holders: [Int32]) -> [Int] {
        var counts = [Int](repeating: 0, count: nodeCount)
        for holder in holders where holder >= 0 { counts[Int(holder)] += 1 }
        return counts
    }
}

/// Finds addresses again.
///
/// Nodes mostly have the same addresses in the same order, so the place in
/// the list before says where to look first.
private struct AddressIndex {
    /// A node's list while it is gone through.
    struct List {
        var places: [Int32] = []
        var at = 0
        fileprivate var before: [Int32]
    }

    /// In the order of their first appearance; of two with the same key the last one is kept.
    private(set) var addresses: [PublicAddress] = []
    private var places: [PublicAddress.Key: Int32] = [:]
    private var before: [Int32] = []

    mutating func startList() -> List {
        var list = List(before: before)
        list.places.reserveCapacity(before.count)
        return list
    }

    mutating func endList(_ list: List) {
        if !list.places.isEmpty { before = list.places }
    }

    mutating func add(_ address: PublicAddress, _ list: inout List) -> Int {
        if let place = expected(address, &list) { return place }
        let place = places[address.key] ?? Int32(addresses.count)
        if Int(place) == addresses.count {
            addresses.append(address)
            places[address.key] = place
        } else {
            addresses[Int(place)] = address
        }
        list.places.append(place)
        return Int(place)
    }

    mutating func find(_ address: PublicAddress, _ list: inout List) -> Int? {
        if let place = expected(address, &list) { return place }
        let place = places[address.key] ?? -1
        list.places.append(place)
        guard place >= 0, addresses[Int(place)] == address else { return nil }
        return Int(place)
    }

    private func expected(_ address: PublicAddress, _ list: inout List) -> Int? {
        let at = list.at
        list.at += 1
        guard at < list.before.count else { return nil }
        let place = list.before[at]
        guard place >= 0, addresses[Int(place)] == address else { return nil }
        list.places.append(place)
        return Int(place)
    }
}
