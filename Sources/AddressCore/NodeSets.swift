// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Many sets of nodes, one for each address: a row of bits.
struct NodeSets {
    let columns: Int
    let wordCount: Int
    private var words: [UInt64]

    init(rows: Int, columns: Int) {
        self.columns = columns
        wordCount = (columns + 63) / 64
        words = [UInt64](repeating: 0, count: rows * wordCount)
    }

    func contains(_ node: Int, in row: Int) -> Bool {
        guard node < columns else { return false }
        return words[row * wordCount + node / 64] >> UInt64(node % 64) & 1 == 1
    }

    mutating func insert(_ node: Int, in row: Int) {
        words[row * wordCount + node / 64] |= 1 << UInt64(node % 64)
    }

    /// The row's words.
    func row(_ row: Int) -> ArraySlice<UInt64> {
        words[row * wordCount..<(row + 1) * wordCount]
    }

    /// Goes through the nodes of a row from the lowest on.
    @inline(__always)
    func forEach(in row: Int, _ body: (Int) -> Void) {
        for word in 0..<wordCount {
            var bits = words[row * wordCount + word]
            while bits != 0 {
                body(word * 64 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
    }

    /// The nodes of a row.
    func members(of row: Int) -> [Int] {
        var members: [Int] = []
        forEach(in: row) { members.append($0) }
        return members
    }
}

/// Addresses that the same nodes can host belong to one class.
struct AddressClasses {
    /// The class of each address.
    private(set) var classOf: [Int] = []
    /// The first address of each class; its row stands for all.
    private(set) var first: [Int] = []

    init(_ sets: NodeSets, count: Int) {
        var classes: [ArraySlice<UInt64>: Int] = [:]
        classOf.reserveCapacity(count)
        for address in 0..<count {
            let row = sets.row(address)
            if address > 0, row.elementsEqual(sets.row(address - 1)) {
                classOf.append(classOf[address - 1])
            } else if let found = classes[row] {
                classOf.append(found)
            } else {
                classes[row] = first.count
                classOf.append(first.count)
                first.append(address)
            }
        }
    }
}
