// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Events
import Sockets
import Testing

@Suite struct LegacyLogTests {
    @Test(
        arguments: [
            ("ERROR", .error), ("notice", .notice), ("Warn", .warning), ("D", .debug),
            ("0", .error), ("2", .warning), ("4", .notice), ("9", .info), ("10", .debug),
            ("11", nil), ("-1", nil), ("loud", nil), ("", nil),
        ] as [(String, LegacyLog.Level?)])
    func aLevelIsANameOrANumber(text: String, level: LegacyLog.Level?) {
        #expect(LegacyLog.Level(text) == level)
    }

    @Test(
        arguments: [
            ("file:/var/log/ctdb/log.ctdb", .file("/var/log/ctdb/log.ctdb")),
            ("file:", .standardError), ("file:-", .standardError), ("syslog", .syslog),
            ("syslog:nonblocking", .syslog), ("syslog:udp", .port(isRFC5424: false)),
            ("syslog:udp-rfc5424", .port(isRFC5424: true)), ("syslog:tcp", nil), ("", nil),
            ("journal", nil),
        ] as [(String, LegacyLog.Location?)])
    func aLocationIsAPlace(text: String, location: LegacyLog.Location?) {
        #expect(LegacyLog.Location(text) == location)
    }

    @Test func aLineIsAsThatOfCtdbd() throws {
        let scratch = try ScratchTree()
        let log = try LegacyLog(
            .file(scratch.file("log")), level: .notice, name: "ctdb-eventd", hostName: "node0")
        log.write(.notice, "hello")
        log.write(.info, "not this")
        let line = try #require(scratch.text("log").split(separator: "\n").first)
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        #expect(words.last == "node0 ctdb-eventd[\(Credentials.own.pid)]: hello")
        #expect(words.first?.utf8.count == "2026-11-22T22:28:49.318317+00:00".utf8.count)
        try scratch.remove("log")
        try log.reopen()
        log.write(.error, "again")
        #expect(scratch.text("log").hasSuffix("]: again\n"))
    }

    @Test func timesAreWrittenWithMicroseconds() {
        let text = LocalTime(microseconds: 1_795_386_529_000_042).text
        #expect(text.contains(".000042"))
        #expect(text.utf8.count == 32)
    }
}
