// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension AddressTable {
    /// Deals out as evenly as the nodes' abilities allow, and moves no address without need.
    ///
    /// As evenly as possible: the sum of the squares of the numbers of addresses is the smallest
    /// that there is; so no address could go to a node that has two fewer than its own, not even
    /// by a chain of moves. Among all such ways it finds one in which the fewest addresses leave a
    /// node that can host them. Which ones leave, and who gets which, is chosen so that
    /// neighbouring addresses are spread over the nodes.
    ///
    /// `noFailback`: no address leaves a node that can host it; the others are dealt out as evenly
    /// as that allows.
    func fewestMoves(_ settings: TakeoverSettings) -> [Int32] {
        guard !settings.noTakeover else { return suited }
        var flow = BalancingFlow(self, suited, keepsAll: settings.noFailback)
        flow.run()
        return flow.assignment
    }
}

/// A flow of least cost from addresses to nodes.
///
/// Addresses that the same nodes can host are a class. Keeping an address costs nothing, sending it
/// through its class to another node costs one move, and the k-th address of a node costs 2k - 1
/// times more than all moves together. Every address starts as a unit of excess, at its holder or,
/// where nobody has it, at its class; units go to the sink by cheapest paths, which may push others
/// on to other nodes or back home. Potentials keep all remaining costs at 0 or above, which is the
/// proof that no cheaper flow exists.
private struct BalancingFlow {
    private let table: AddressTable
    private let suited: [Int32]
    private let keepsAll: Bool
    private let classes: AddressClasses
    private let members: [[Int]]
    private let nodeCount: Int
    private let classCount: Int
    /// What an address on a node costs, in moves.
    private let weight: Int

    /// By class and node: addresses at home, those that were, and those that came from elsewhere.
    private var kept: [Int32]
    private var left: [Int32]
    private var came: [Int32]
    /// The classes that a node has or had addresses of.
    private var touched: [[Int]]
    private var loads: [Int]
    /// Units that have not reached the sink.
    private var excess: [Int]
    private var potentials: [Int]
    private var search: CheapestPath

    /// Vertices: the sink, then the nodes, then the classes.
    private var sink: Int { 0 }
    private func vertex(node: Int) -> Int { 1 + node }
    private func vertex(class number: Int) -> Int { 1 + nodeCount + number }

    init(_ table: AddressTable, _ suited: [Int32], keepsAll: Bool) {
        self.table = table
        self.suited = suited
        self.keepsAll = keepsAll
        classes = AddressClasses(table.available, count: suited.count)
        members = classes.first.map { table.available.members(of: $0) }
        nodeCount = table.nodeCount
        classCount = classes.first.count
        weight = suited.count + 1
        kept = [Int32](repeating: 0, count: classCount * nodeCount)
        left = kept
        came = kept
        touched = [[Int]](repeating: [], count: nodeCount)
        loads = [Int](repeating: 0, count: nodeCount)
        excess = [Int](repeating: 0, count: 1 + nodeCount + classCount)
        potentials = [Int](repeating: 0, count: excess.count)
        potentials[0] = weight
        search = CheapestPath(vertexCount: excess.count)
        for (address, holder) in suited.enumerated() {
            let number = classes.classOf[address]
            if holder >= 0 {
                touch(number, Int(holder))
                kept[number * nodeCount + Int(holder)] += 1
                excess[vertex(node: Int(holder))] += 1
            } else if !members[number].isEmpty {
                excess[vertex(class: number)] += 1
            }
        }
    }

    private mutating func touch(_ number: Int, _ node: Int) {
        let place = number * nodeCount + node
        if kept[place] == 0, left[place] == 0, came[place] == 0 { touched[node].append(number) }
    }

    /// Sends every unit to the sink: the nodes' own ones in turns, then those that nobody has.
    mutating func run() {
        var isMore = true
        while isMore {
            isMore = false
            for start in 1..<(1 + nodeCount) where excess[start] > 0 {
                send(from: start)
                isMore = true
            }
        }
        for start in (1 + nodeCount)..<excess.count {
            while excess[start] > 0 { send(from: start) }
        }
    }

    private func toSink(_ node: Int) -> Int {
        weight * (2 * loads[node] + 1) + potentials[vertex(node: node)] - potentials[sink]
    }

    private mutating func send(from start: Int) {
        excess[start] -= 1
        if start <= nodeCount {
            if toSink(start - 1) == 0 {
                loads[start - 1] += 1
                return
            }
            if let (number, node) = freeNeighbour(of: start - 1) {
                depart(start - 1, number)
                arrive(number, node)
                loads[node] += 1
                return
            }
        } else if let node = freeNode(start - 1 - nodeCount) {
            arrive(start - 1 - nodeCount, node)
            loads[node] += 1
            return
        }
        findPath(from: start)
        let distance = search.distance(sink)
        for vertex in search.settled { potentials[vertex] += search.distance(vertex) - distance }
        var at = sink
        while at != start {
            let before = search.previous(at)
            if at == sink {
                loads[before - 1] += 1
            } else if at > nodeCount {
                depart(before - 1, at - 1 - nodeCount)
            } else {
                arrive(before - 1 - nodeCount, at - 1)
            }
            at = before
        }
    }

    /// A node that a class can send to at no cost beyond the potentials.
    private func freeNode(_ number: Int) -> Int? {
        let own = potentials[vertex(class: number)]
        return members[number].first { node in
            left[number * nodeCount + node] == 0 && own == potentials[vertex(node: node)]
                && toSink(node) == 0
        }
    }

    /// A class that a node can send to, and a node that this can send to, at no such cost.
    private func freeNeighbour(of node: Int) -> (class: Int, node: Int)? {
        for number in touched[node] {
            let place = number * nodeCount + node
            let cost = came[place] > 0 ? 0 : 1
            guard came[place] > 0 || (kept[place] > 0 && !keepsAll),
                cost + potentials[vertex(node: node)] == potentials[vertex(class: number)],
                let target = freeNode(number)
            else { continue }
            return (number, target)
        }
        return nil
    }

    /// One address of a class goes to a node: home, if one of that node's own is away.
    private mutating func arrive(_ number: Int, _ node: Int) {
        touch(number, node)
        let place = number * nodeCount + node
        if left[place] > 0 {
            left[place] -= 1
            kept[place] += 1
        } else {
            came[place] += 1
        }
    }

    /// One address of a class leaves a node: one that came from elsewhere, if there is any.
    private mutating func depart(_ node: Int, _ number: Int) {
        let place = number * nodeCount + node
        if came[place] > 0 {
            came[place] -= 1
        } else {
            kept[place] -= 1
            left[place] += 1
        }
    }

    private mutating func findPath(from start: Int) {
        search.begin(at: start)
        while let (at, distance) = search.settleNext(), at != sink {
            let own = potentials[at]
            if at > nodeCount {
                let number = at - 1 - nodeCount
                for node in members[number] {
                    let cost = left[number * nodeCount + node] > 0 ? -1 : 0
                    let next = vertex(node: node)
                    search.offer(next, distance + cost + own - potentials[next], from: at)
                }
            } else {
                let node = at - 1
                search.offer(sink, distance + toSink(node), from: at)
                for number in touched[node] {
                    let place = number * nodeCount + node
                    let next = vertex(class: number)
                    if came[place] > 0 {
                        search.offer(next, distance + own - potentials[next], from: at)
                    } else if kept[place] > 0, !keepsAll {
                        search.offer(next, distance + 1 + own - potentials[next], from: at)
                    }
                }
            }
        }
    }

    /// The holders of the single addresses.
    var assignment: [Int32] {
        var result = suited
        var home: [Int: [Int]] = [:]
        for (address, holder) in suited.enumerated() where holder >= 0 {
            home[classes.classOf[address] * nodeCount + Int(holder), default: []].append(address)
        }
        // Those that leave a node are taken evenly from all that it has of the class.
        for (place, addresses) in home where left[place] > 0 {
            let leaving = Int(left[place])
            for turn in 0..<leaving {
                result[addresses[(2 * turn + 1) * addresses.count / (2 * leaving)]] =
                    AddressTable.nobody
            }
        }
        // Whatever has no node is dealt out like cards.
        var open = came
        var turns = [Int](repeating: 0, count: classCount)
        for address in result.indices where result[address] < 0 {
            let number = classes.classOf[address]
            let nodes = members[number]
            for _ in nodes.indices {
                let node = nodes[turns[number] % nodes.count]
                turns[number] += 1
                if open[number * nodeCount + node] > 0 {
                    open[number * nodeCount + node] -= 1
                    result[address] = Int32(node)
                    break
                }
            }
        }
        return result
    }
}
