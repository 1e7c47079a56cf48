// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing
import Vocabulary

@Suite struct EventLoopTests {

    @Test func aReadableDescriptorRunsItsHandlerUntilItIsRead() throws {
        let (near, far) = try StreamSocket.pair()
        let loop = try EventLoop()
        var scratch = [UInt8](repeating: 0, count: 8)
        var reads: [StreamSocket.ReadOutcome] = []
        var calls = 0
        let token = try loop.register(far.descriptor, for: .read) { readiness in
            #expect(readiness == .readable)
            calls += 1
            if calls == 2 { reads.append(far.read(into: &scratch)) }
        }
        #expect(near.write([1]) == .wrote(1))
        #expect(try loop.iterate())
        #expect(try loop.iterate())
        #expect(reads == [.bytes([1])])
        #expect(try !loop.iterate(until: loop.now))
        loop.remove(token)
        #expect(near.write([1]) == .wrote(1))
        #expect(try !loop.iterate(until: loop.now))
    }

    @Test func interestDecidesWhatIsReported() throws {
        let (near, far) = try StreamSocket.pair()
        let loop = try EventLoop()
        var seen: [Readiness] = []
        let token = try loop.register(far.descriptor, for: []) { seen.append($0) }
        #expect(near.write([1]) == .wrote(1))
        #expect(try !loop.iterate(until: loop.now))
        try loop.setInterest([.read, .write], of: token)
        try loop.iterate()
        try loop.setInterest(.write, of: token)
        try loop.iterate()
        #expect(seen == [[.readable, .writable], .writable])
    }

    @Test func aHangUpIsReportedWhateverTheInterest() throws {
        var pair: (near: StreamSocket, far: StreamSocket)? = try StreamSocket.pair()
        let far = try #require(pair?.far)
        let loop = try EventLoop()
        var seen: [Readiness] = []
        _ = try loop.register(far.descriptor, for: []) { seen.append($0) }
        pair = nil
        try loop.iterate()
        #expect(seen == [.closed])
    }

    @Test func anEventOfTheSameBatchDoesNotReachTheNextOwnerOfADescriptor() throws {
        let loop = try EventLoop()
        let (nearA, farA) = try StreamSocket.pair()
        let (nearB, farB) = try StreamSocket.pair()
        var first: [EventLoop.Token] = []
        var others: [(StreamSocket, StreamSocket)] = []
        var removed = 0
        var reached = 0
        // Whichever runs first removes both, and registers quiet descriptors in their places.
        func replaceAll() {
            removed += 1
            first.forEach(loop.remove)
            for _ in 0..<2 {
                guard let pair = try? StreamSocket.pair() else { continue }
                others.append(pair)
                _ = try? loop.register(pair.0.descriptor, for: .read) { _ in reached += 1 }
            }
        }
        for far in [farA, farB] {
            first.append(try loop.register(far.descriptor, for: .read) { _ in replaceAll() })
        }
        #expect(nearA.write([1]) == .wrote(1))
        #expect(nearB.write([1]) == .wrote(1))
        try loop.iterate()
        #expect(removed == 1)
        #expect(reached == 0)
        #expect(try !loop.iterate(until: loop.now))
        #expect(others.count == 2)
    }

    @Test func aRegisteredDescriptorStaysOpenUntilItIsRemoved() throws {
        let loop = try EventLoop()
        var scratch = [UInt8](repeating: 0, count: 8)
        var pair: (near: StreamSocket, far: StreamSocket)? = try StreamSocket.pair()
        let far = try #require(pair?.far)
        let token = try loop.register(#require(pair?.near.descriptor), for: .read) { _ in }
        pair = nil
        #expect(far.read(into: &scratch) == .wouldBlock)
        loop.remove(token)
        #expect(far.read(into: &scratch) == .closed)
    }

    @Test func aDescriptorCanBeRegisteredOnce() throws {
        let (near, _) = try StreamSocket.pair()
        let loop = try EventLoop()
        let token = try loop.register(near.descriptor, for: .read) { _ in }
        let error = #expect(throws: SystemError.self) {
            _ = try loop.register(near.descriptor, for: .read) { _ in }
        }
        #expect(error?.call == "epoll_ctl ADD")
        #expect(error?.reason == "File exists")
        loop.remove(token)
        loop.remove(token)
        try loop.setInterest(.write, of: token)
    }

    @Test(arguments: [true, false]) func timersFireInOrderAndNotEarly(precise: Bool) throws {
        let loop = try EventLoop(preciseWait: precise)
        let begin = EventLoop.clock()
        var fired: [(Int, Instant)] = []
        for (index, microseconds) in [(2, 900), (0, 100), (1, 300)] {
            let timer = loop.makeTimer { fired.append((index, loop.now)) }
            let deadline = begin.nanoseconds + UInt64(microseconds) * 1000
            loop.arm(timer, at: Instant(nanoseconds: deadline))
        }
        var iterations = 0
        while fired.count < 3 {
            try loop.iterate()
            iterations += 1
        }
        #expect(fired.map(\.0) == [0, 1, 2])
        for ((_, at), microseconds) in zip(fired, [100, 300, 900]) {
            #expect(at.nanoseconds >= begin.nanoseconds + UInt64(microseconds) * 1000)
        }
        // A deadline below a millisecond is waited for, not polled for.
        #expect(iterations <= 6)
    }

    @Test(arguments: [true, false]) func aLimitEndsAnIteration(precise: Bool) throws {
        let loop = try EventLoop(preciseWait: precise)
        let limit = Instant(nanoseconds: EventLoop.clock().nanoseconds + 300_000)
        while loop.now < limit { #expect(try !loop.iterate(until: limit)) }
        #expect(EventLoop.clock() >= limit)
    }

    @Test func aTimerThatArmsItselfLetsOthersRun() throws {
        let loop = try EventLoop()
        var again: EventLoop.TimerToken?
        var selfCount = 0
        var otherCount = 0
        again = loop.makeTimer {
            selfCount += 1
            if let again { loop.arm(again, at: Instant(nanoseconds: 0)) }
        }
        let (near, far) = try StreamSocket.pair()
        _ = try loop.register(far.descriptor, for: .write) { _ in otherCount += 1 }
        let other = loop.makeTimer { otherCount += 100 }
        loop.arm(try #require(again), at: loop.now)
        loop.arm(other, at: loop.now)
        for _ in 0..<3 { try loop.iterate() }
        #expect(selfCount == 3)
        #expect(otherCount == 103)
        _ = near
    }

    @Test func aRemovedTimerIsSilent() throws {
        let loop = try EventLoop()
        let timer = loop.makeTimer { Issue.record("it was removed") }
        loop.arm(timer, at: loop.now)
        loop.removeTimer(timer)
        let disarmed = loop.makeTimer { Issue.record("it was disarmed") }
        loop.arm(disarmed, at: loop.now)
        loop.disarm(disarmed)
        #expect(try !loop.iterate(until: EventLoop.clock()))
    }

    @Test func anEndingRunsOnceAfterAllHandlers() throws {
        let loop = try EventLoop()
        var log: [String] = []
        let (first, second) = try StreamSocket.pair()
        for socket in [first, second] {
            _ = try loop.register(socket.descriptor, for: .write) { _ in
                if !log.contains("ready") { loop.atEndOfIteration { log.append("end") } }
                log.append("ready")
            }
        }
        loop.atEndOfIteration { log.append("before the wait") }
        try loop.iterate()
        #expect(log == ["before the wait", "ready", "ready", "end"])
        try loop.iterate()
        #expect(log.count { $0 == "end" } == 1)
    }

    @Test func anAttemptThatFindsSomethingSavesTheWait() throws {
        let loop = try EventLoop()
        var calls = 0
        loop.beforeWait {
            calls += 1
            return true
        }
        var ended = false
        loop.atEndOfIteration { ended = true }
        // Nothing is registered: a wait would never end.
        #expect(try loop.iterate())
        #expect(calls == 1)
        #expect(ended)
        loop.beforeWait {
            calls += 1
            return false
        }
        #expect(try !loop.iterate(until: loop.now))
        #expect(try !loop.iterate(until: loop.now))
        #expect(calls == 2)
    }

    @Test func attemptsDoNotKeepDescriptorsFromTheirTurn() throws {
        let loop = try EventLoop()
        let (near, far) = try StreamSocket.pair()
        _ = try loop.register(far.descriptor, for: .read) { _ in loop.stop() }
        #expect(near.write([1]) == .wrote(1))
        var calls = 0
        func again() -> Bool {
            calls += 1
            loop.beforeWait(again)
            return true
        }
        loop.beforeWait(again)
        try loop.run()
        #expect(calls > 1 && calls < 100)
    }

    @Test func aFarDeadlineDoesNotOverflow() throws {
        let loop = try EventLoop(preciseWait: false)
        for precise in [loop, try EventLoop()] {
            let far = precise.makeTimer {}
            precise.arm(far, at: Instant(nanoseconds: .max))
            let soon = precise.makeTimer { precise.stop() }
            precise.arm(soon, at: precise.now)
            try precise.run()
        }
    }
}
