// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// What happens at a time, the earliest first; of several at one time the first added.
struct Agenda<Entry> {
    private struct Item {
        var at: UInt64
        var order: UInt64
        var entry: Entry

        func isBefore(_ other: Item) -> Bool {
            at != other.at ? at < other.at : order < other.order
        }
    }

    private var items: [Item] = []
    private var added: UInt64 = 0

    var isEmpty: Bool { items.isEmpty }
    var next: Instant? { items.first.map { Instant(nanoseconds: $0.at) } }

    mutating func add(_ entry: Entry, at instant: Instant) {
        added += 1
        items.append(Item(at: instant.nanoseconds, order: added, entry: entry))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].isBefore(items[parent]) else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func takeFirst() -> (Instant, Entry)? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        if !items.isEmpty {
            items[0] = last
            sink()
        }
        return (Instant(nanoseconds: first.at), first.entry)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < items.count else { return }
            let right = left + 1
            let isRight = right < items.count && items[right].isBefore(items[left])
            let child = isRight ? right : left
            guard items[child].isBefore(items[parent]) else { return }
            items.swapAt(child, parent)
            parent = child
        }
    }
}
