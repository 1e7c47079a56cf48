// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A search for the cheapest path, by vertices that are settled from the nearest on; of several
/// equally near ones the lowest is first.
struct CheapestPath {
    private struct Entry {
        var distance: Int
        var vertex: Int

        static func < (lhs: Self, rhs: Self) -> Bool {
            lhs.distance == rhs.distance
                ? lhs.vertex < rhs.vertex : lhs.distance < rhs.distance
        }
    }

    /// The settled vertices in order, the last one included.
    private(set) var settled: [Int] = []
    private var heap: [Entry] = []
    private var distances: [Int]
    private var origins: [Int]
    private var isSettled: [Bool]
    private var reached: [Int] = []

    init(vertexCount: Int) {
        distances = [Int](repeating: .max, count: vertexCount)
        origins = [Int](repeating: 0, count: vertexCount)
        isSettled = [Bool](repeating: false, count: vertexCount)
    }

    /// Forgets the search before.
    mutating func begin(at start: Int) {
        for vertex in reached {
            distances[vertex] = .max
            isSettled[vertex] = false
        }
        reached.removeAll(keepingCapacity: true)
        settled.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
        offer(start, 0, from: start)
    }

    /// How far a vertex is.
    func distance(_ vertex: Int) -> Int { distances[vertex] }

    /// The vertex before it on the path.
    func previous(_ vertex: Int) -> Int { origins[vertex] }

    /// Notes a way to a vertex.
    mutating func offer(_ vertex: Int, _ distance: Int, from origin: Int) {
        guard distance < distances[vertex] else { return }
        if distances[vertex] == .max { reached.append(vertex) }
        distances[vertex] = distance
        origins[vertex] = origin
        push(Entry(distance: distance, vertex: vertex))
    }

    /// Settles the nearest vertex.
    mutating func settleNext() -> (vertex: Int, distance: Int)? {
        while let entry = pop() {
            guard !isSettled[entry.vertex] else { continue }
            isSettled[entry.vertex] = true
            settled.append(entry.vertex)
            return (entry.vertex, entry.distance)
        }
        return nil
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var at = heap.count - 1
        while at > 0, entry < heap[(at - 1) / 2] {
            heap[at] = heap[(at - 1) / 2]
            at = (at - 1) / 2
        }
        heap[at] = entry
    }

    private mutating func pop() -> Entry? {
        guard let top = heap.first, let entry = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return top }
        var at = 0
        while true {
            var child = 2 * at + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < entry else { break }
            heap[at] = heap[child]
            at = child
        }
        heap[at] = entry
        return top
    }
}
