// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing
import Vocabulary

@Suite struct TimerQueueTests {
    /// Takes everything due at a time, running it.
    static func fire(_ queue: inout TimerQueue, at nanoseconds: UInt64) {
        let mark = queue.mark
        let now = Instant(nanoseconds: nanoseconds)
        while let handler = queue.takeDue(at: now, before: mark) { handler() }
    }

    @Test func timersFireByDeadlineAndThenByOrder() {
        var queue = TimerQueue()
        var fired: [Int] = []
        for (name, deadline) in [(1, 30), (2, 10), (3, 20), (4, 10), (5, 40)] {
            let key = queue.insert { fired.append(name) }
            queue.arm(key, at: Instant(nanoseconds: UInt64(deadline)))
        }
        #expect(queue.next == Instant(nanoseconds: 10))
        Self.fire(&queue, at: 9)
        #expect(fired == [])
        Self.fire(&queue, at: 30)
        #expect(fired == [2, 4, 3, 1])
        #expect(queue.next == Instant(nanoseconds: 40))
    }

    @Test func aTimerCanBeMovedDisarmedAndRemoved() {
        var queue = TimerQueue()
        var fired: [String] = []
        let moved = queue.insert { fired.append("moved") }
        let disarmed = queue.insert { fired.append("disarmed") }
        let removed = queue.insert { fired.append("removed") }
        for key in [moved, disarmed, removed] { queue.arm(key, at: Instant(nanoseconds: 5)) }
        queue.arm(moved, at: Instant(nanoseconds: 50))
        queue.disarm(disarmed)
        queue.remove(removed)
        queue.arm(removed, at: Instant(nanoseconds: 1))
        Self.fire(&queue, at: 49)
        #expect(fired == [])
        Self.fire(&queue, at: 50)
        #expect(fired == ["moved"])
        #expect(queue.next == nil)
        queue.arm(disarmed, at: Instant(nanoseconds: 60))
        Self.fire(&queue, at: 60)
        #expect(fired == ["moved", "disarmed"])
    }

    @Test func aTimerArmedWhileTimersFireWaitsForTheNextRound() {
        var queue = TimerQueue()
        let key = queue.insert {}
        queue.arm(key, at: Instant(nanoseconds: 1))
        let mark = queue.mark
        let now = Instant(nanoseconds: 1)
        #expect(queue.takeDue(at: now, before: mark) != nil)
        queue.arm(key, at: now)
        #expect(queue.takeDue(at: now, before: mark) == nil)
        #expect(queue.takeDue(at: now, before: queue.mark) != nil)
    }

    @Test func aThousandTimersInRandomOrderComeOutSorted() {
        var queue = TimerQueue()
        var generator = SystemRandomNumberGenerator()
        var fired: [UInt64] = []
        var expected: [UInt64] = []
        for index in 0..<1000 {
            let deadline = UInt64.random(in: 0..<500, using: &generator)
            let key = queue.insert { fired.append(deadline) }
            queue.arm(key, at: Instant(nanoseconds: .random(in: 0..<500, using: &generator)))
            queue.arm(key, at: Instant(nanoseconds: deadline))
            if index % 3 == 0 { queue.remove(key) } else { expected.append(deadline) }
        }
        Self.fire(&queue, at: 500)
        #expect(fired == expected.sorted())
    }
}
