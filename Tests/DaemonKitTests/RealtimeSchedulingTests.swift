// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DaemonKit
import Synchronization
import Testing

@Suite struct RealtimeSchedulingTests {
    final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    @Test func aRefusalIsAWarning() {
        let lines = Lines()
        let output = LogOutput(
            .text, level: .info, clock: { 0 },
            sink: { bytes in
                lines.all.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            })
        // No kernel has this priority, so that no test runs with realtime scheduling.
        #expect(!RealtimeScheduling.request(priority: 1000, logger: output.logger("d")))
        #expect(
            lines.all.withLock { $0 } == [
                "1970-01-01T00:00:00.000Z warning d: no realtime scheduling"
                    + " reason=\"sched_setscheduler SCHED_FIFO: Invalid argument (errno 22)\"\n"
            ])
    }
}
