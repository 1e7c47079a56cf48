// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DaemonKit
import ProxyCore
import ProxyShell
import Synchronization
import Testing
import Vocabulary

@Suite struct NoteLogTests {
    /// Keeps what is logged.
    final class Lines: Sendable {
        private let kept = Mutex<[String]>([])

        func append(_ line: [UInt8]) {
            kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }

        func take() -> [String] {
            kept.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    let lines = Lines()

    func makeLog() -> NoteLog {
        let lines = self.lines
        let output = LogOutput(.text, level: .trace, clock: { 0 }) { lines.append($0) }
        return NoteLog(output.logger("test"))
    }

    func second(_ number: UInt64, plus milliseconds: UInt64 = 0) -> Instant {
        Instant(nanoseconds: 0).advanced(byMilliseconds: number * 1_000 + milliseconds)
    }

    @Test func aFloodIsCutToTwentyASecondAndCounted() {
        var log = makeLog()
        for number in 0..<50 as Range<UInt64> {
            log.write(.malformed("bytes"), at: second(7, plus: number))
        }
        #expect(lines.take().count == 20)
        log.write(.malformed("bytes"), at: second(8))
        let next = lines.take()
        #expect(next.count == 2)
        #expect(next.first?.contains("30 more like these were not logged") == true)
        log.write(.forged("frame"), at: second(9))
        #expect(lines.take().count == 1)
    }

    @Test func oneFloodDoesNotHideAnother() {
        var log = makeLog()
        for _ in 0..<25 {
            log.write(.malformed("bytes"), at: second(1))
            log.write(.forged("frame"), at: second(1))
            log.write(.unauthorised(pid: 1, uid: 2), at: second(1))
        }
        #expect(lines.take().count == 60)
    }

    @Test func whatMattersIsNeverCut() {
        var log = makeLog()
        for _ in 0..<30 { log.write(.malformed("bytes"), at: second(1)) }
        _ = lines.take()
        for number in 0..<30 as Range<UInt32> {
            log.write(.nodeState(PNN(rawValue: number), "connected"), at: second(1))
        }
        #expect(lines.take().count == 30)
    }

    @Test func waitingIsSaidOnceUntilItIsOver() {
        var log = makeLog()
        for _ in 0..<5 { log.write(.waitingForLegacy(reason: "no socket"), at: second(1)) }
        #expect(lines.take().count == 1)
        log.write(.attached(PNN(rawValue: 0)), at: second(2))
        log.write(.waitingForLegacy(reason: "gone"), at: second(3))
        #expect(lines.take().count == 2)
    }
}
