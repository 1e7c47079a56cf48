// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension AddressTable {
    /// Gives an address to the node that has the fewest of those that can host it, the lowest one
    /// of several.
    ///
    /// - Returns: the node, or `nobody`.
    /// - Source: `find_takeover_node()`, ctdb/server/ipalloc_common.c, Samba 4.17.
    func emptiest(for address: Int, _ counts: [Int]) -> Int32 {
        var best = Self.nobody
        var fewest = 0
        available.forEach(in: address) { node in
            if best < 0 || counts[node] < fewest {
                best = Int32(node)
                fewest = counts[node]
            }
        }
        return best
    }

    /// Gives every address that nobody has to the emptiest node.
    ///
    /// - Source: `basic_allocate_unassigned()`, ctdb/server/ipalloc_common.c, Samba 4.17.
    func fill(_ holders: inout [Int32], _ settings: TakeoverSettings) {
        guard !settings.noTakeover else { return }
        var counts = counts(holders)
        for address in holders.indices where holders[address] < 0 {
            let node = emptiest(for: address, counts)
            guard node >= 0 else { continue }
            holders[address] = node
            counts[Int(node)] += 1
        }
    }

    /// Deals out by place; failback cannot be switched off.
    ///
    /// - Source: `ipalloc_deterministic()`, ctdb/server/ipalloc_deterministic.c, Samba 4.17.
    func deterministic(_ settings: TakeoverSettings) -> [Int32] {
        guard nodeCount > 0 else { return holders }
        var result = suited(addresses.indices.map { Int32($0 % nodeCount) })
        fill(&result, settings)
        return result
    }

    /// Deals out evenly.
    ///
    /// - Source: `ipalloc_nondeterministic()`, ctdb/server/ipalloc_nondeterministic.c, Samba 4.17.
    func nonDeterministic(_ settings: TakeoverSettings) -> [Int32] {
        var result = suited
        fill(&result, settings)
        guard !settings.noFailback, !settings.noTakeover else { return result }
        var evening = Evening(self, result)
        evening.run()
        return evening.holders
    }
}

/// The part of the non-deterministic algorithm that moves addresses away from full nodes.
///
/// ctdbd goes through the addresses from the start after every move. The addresses of a class are
/// all alike in that, so the first one that somebody has stands for its class; and a class that was
/// even stays so until one of its nodes gains or loses an address.
///
/// - Source: `basic_failback()`, ctdb/server/ipalloc_nondeterministic.c, Samba 4.17.
private struct Evening {
    let table: AddressTable
    var holders: [Int32]
    private var counts: [Int]
    /// The first address of each class that somebody has, in the order of the addresses.
    private var probes: [Int] = []
    /// Bits of the probes that each node is in, and of those that must be looked at again.
    private var probesOfNode: NodeSets
    private var stale: [UInt64]
    /// From where on each node may have its first address.
    private var firstOfNode: [Int]

    init(_ table: AddressTable, _ holders: [Int32]) {
        self.table = table
        self.holders = holders
        counts = table.counts(holders)
        let classes = AddressClasses(table.available, count: holders.count)
        var isSeen = [Bool](repeating: false, count: classes.first.count)
        for address in holders.indices where holders[address] >= 0 {
            guard !isSeen[classes.classOf[address]] else { continue }
            isSeen[classes.classOf[address]] = true
            probes.append(address)
        }
        probesOfNode = NodeSets(rows: table.nodeCount, columns: probes.count)
        for (probe, address) in probes.enumerated() {
            for node in table.available.members(of: address) {
                probesOfNode.insert(probe, in: node)
            }
        }
        stale = [UInt64](repeating: 0, count: probesOfNode.wordCount)
        for probe in probes.indices { stale[probe / 64] |= 1 << UInt64(probe % 64) }
        firstOfNode = [Int](repeating: 0, count: table.nodeCount)
    }

    /// Moves one address after the other, up to the number that ctdbd tries.
    mutating func run() {
        for _ in 0..<(holders.count + 5) {
            guard let fullest = nextFullest(), let address = firstAddress(of: fullest) else {
                return
            }
            // ctdbd counts the address where it is while it looks for the emptiest node. When that
            // is the same node, it finds the same again and again until it gives up.
            let target = table.emptiest(for: address, counts)
            guard target >= 0, target != holders[address] else { return }
            holders[address] = target
            counts[fullest] -= 1
            counts[Int(target)] += 1
            firstOfNode[Int(target)] = min(firstOfNode[Int(target)], address)
            for node in [fullest, Int(target)] {
                for (word, bits) in probesOfNode.row(node).enumerated() { stale[word] |= bits }
            }
        }
    }

    /// The fullest node of the first address whose nodes differ by two or more.
    private mutating func nextFullest() -> Int? {
        for word in stale.indices {
            while stale[word] != 0 {
                let probe = word * 64 + stale[word].trailingZeroBitCount
                var fullest = -1
                var most = 0
                var fewest = Int.max
                table.available.forEach(in: probes[probe]) { node in
                    if fullest < 0 || counts[node] > most {
                        fullest = node
                        most = counts[node]
                    }
                    fewest = min(fewest, counts[node])
                }
                if fullest >= 0, most > fewest + 1 { return fullest }
                stale[word] &= stale[word] - 1
            }
        }
        return nil
    }

    private mutating func firstAddress(of node: Int) -> Int? {
        var address = firstOfNode[node]
        while address < holders.count, holders[address] != Int32(node) { address += 1 }
        firstOfNode[node] = address
        return address < holders.count ? address : nil
    }
}
