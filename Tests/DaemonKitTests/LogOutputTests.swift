// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DaemonKit
import Logging
import Synchronization
import Testing

@Suite struct LogOutputTests {
    final class Lines: Sendable {
        let all = Mutex<[String]>([])
        func add(_ bytes: [UInt8]) {
            all.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        var texts: [String] { all.withLock { $0 } }
    }

    @Test func theLevelDecidesForAllLoggersUntilItChanges() {
        let lines = Lines()
        let output = LogOutput(.text, level: .info, clock: { 0 }, sink: lines.add)
        let logger = output.logger("a")
        logger.debug("no")
        logger.info("yes")
        output.level = .debug
        logger.debug("now")
        output.level = .error
        logger.warning("not any more")
        let time = "1970-01-01T00:00:00.000Z"
        #expect(lines.texts == ["\(time) info a: yes\n", "\(time) debug a: now\n"])
    }

    @Test func aLoggersOwnLevelAndMetadataAreItsOwn() {
        let lines = Lines()
        let output = LogOutput(.text, level: .info, clock: { 0 }, sink: lines.add)
        var logger = output.logger("a")
        let other = logger
        logger.logLevel = .trace
        logger[metadataKey: "pnn"] = "2"
        logger[metadataKey: "x"] = "own"
        logger.trace("t", metadata: ["x": "given"])
        other.trace("no")
        other.info("i")
        let time = "1970-01-01T00:00:00.000Z"
        #expect(lines.texts == ["\(time) trace a: t pnn=2 x=given\n", "\(time) info a: i\n"])
    }
}
