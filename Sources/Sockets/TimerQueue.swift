// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// The timers of a loop, the armed ones in a binary heap by deadline.
package struct TimerQueue {
    package typealias Key = SlotMap<Timer>.Key

    /// One timer; it lives until it is removed, armed or not.
    package struct Timer {
        var handler: () -> Void
        /// Where it is in the heap, while it is armed.
        var position: Int?
    }

    private struct Entry {
        var deadline: Instant
        /// Orders timers of one deadline as they were armed.
        var order: UInt64
        var key: Key

        func precedes(_ other: Entry) -> Bool {
            (deadline, order) < (other.deadline, other.order)
        }
    }

    private var timers = SlotMap<Timer>()
    private var heap: [Entry] = []
    private var order: UInt64 = 0

    /// Makes an empty one.
    package init() {}

    /// The deadline of the armed timer that is due first.
    package var next: Instant? { heap.first?.deadline }

    /// What `takeDue` needs to leave alone the timers that are armed from now on.
    package var mark: UInt64 { order }

    /// Adds a timer that is not armed.
    package mutating func insert(_ handler: @escaping () -> Void) -> Key {
        timers.insert(Timer(handler: handler, position: nil))
    }

    /// Arms a timer, or moves the deadline of an armed one.
    package mutating func arm(_ key: Key, at deadline: Instant) {
        guard let timer = timers[key] else { return }
        order &+= 1
        let entry = Entry(deadline: deadline, order: order, key: key)
        if let position = timer.position {
            heap[position] = entry
            settle(position)
        } else {
            heap.append(entry)
            settle(heap.count - 1)
        }
    }

    /// Takes a timer's deadline away.
    package mutating func disarm(_ key: Key) {
        guard let position = timers[key]?.position else { return }
        takeOut(position)
    }

    /// Takes a timer away.
    package mutating func remove(_ key: Key) {
        disarm(key)
        _ = timers.remove(key)
    }

    /// Disarms the first timer that is due and was armed before the mark, and gives its handler.
    package mutating func takeDue(at now: Instant, before mark: UInt64) -> (() -> Void)? {
        guard let first = heap.first, first.deadline <= now, first.order <= mark else {
            return nil
        }
        takeOut(0)
        return timers[first.key]?.handler
    }

    /// Takes the entry at a position out of the heap.
    private mutating func takeOut(_ position: Int) {
        timers[heap[position].key]?.position = nil
        let last = heap.removeLast()
        guard position < heap.count else { return }
        heap[position] = last
        settle(position)
    }

    /// Moves the entry at a position up or down to where it belongs.
    private mutating func settle(_ start: Int) {
        let entry = heap[start]
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard entry.precedes(heap[parent]) else { break }
            place(heap[parent], at: position)
            position = parent
        }
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(entry) else { break }
            place(heap[child], at: position)
            position = child
        }
        place(entry, at: position)
    }

    /// Puts an entry at a position and tells its timer.
    private mutating func place(_ entry: Entry, at position: Int) {
        heap[position] = entry
        timers[entry.key]?.position = position
    }
}
