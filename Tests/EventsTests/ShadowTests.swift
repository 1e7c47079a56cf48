// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import LegacyWire
import Sockets
import Testing
import Vocabulary

/// What the distribution's event daemon makes of events, compared with what is made of them here.
@Suite(.serialized, .enabled(if: LegacyLender.isPossible, LegacyLender.reason))
struct ShadowTests {
    let lender: LegacyLender

    init() throws { lender = try LegacyLender() }

    private typealias Comparison = (
        event: EventText, differences: [EventRecord.Difference], record: EventRecord
    )

    private func comparisons(_ bench: BorrowingBench) -> [Comparison] {
        bench.news.compactMap {
            if case .compared(let event, let differences, let record) = $0 {
                (event, differences, record)
            } else {
                nil
            }
        }
    }

    private func run(
        _ event: String, _ bench: BorrowingBench, timeout: UInt32 = 30
    ) throws -> EventReply {
        let request = EventRunRequest(
            component: "legacy", event: event, arguments: nil, timeoutSeconds: timeout, flags: 0)
        try lender.ctdbd.send(.run(request))
        return try bench.answer(to: lender.ctdbd)
    }

    /// Events of every kind: nothing is run here, and nothing differs.
    @Test func bothDecideAlike() throws {
        try lender.markingScript()
        try lender.script("20.off.script", "exit 1")
        try lender.scratch.setMode("events/legacy/20.off.script", 0o644)
        try lender.script(
            "30.fails.script",
            """
            [ $1 != takeip ] || { echo why; exit 3; }
            [ $1 != releaseip ] || kill -9 $$
            [ $1 != recovered ] || exec sleep 60
            """)
        try lender.script("90.last.script", "true")
        let bench = try BorrowingBench(lender)
        // What has just been changed is passed over.
        try bench.letFilesAge()
        try bench.become(.shadow)
        let events = ["startup", "takeip", "releaseip", "recovered", "monitor"]
        let answers = try events.map { try run($0, bench, timeout: $0 == "recovered" ? 1 : 30) }
        #expect(answers == [0, 8, 8, 110, 0].map { .run(result: $0) })
        try bench.turn(until: "all are compared") {
            Set(comparisons(bench).map(\.event)).count == events.count
        }
        for one in comparisons(bench) {
            #expect(one.differences == [], "\(one.event)")
            #expect(one.record.scripts.count == 4)
        }
        // The other one has run everything, and nothing was run here.
        let marked = events.map(EventText.init(string:))
        #expect(lender.marks.filter { $0.hasPrefix("begin") }.count == marked.count)
        #expect(lender.state != "t")
    }

    @Test func whatWouldBeOtherwiseIsTold() throws {
        try lender.script("10.talks.script", "head -c 20000 /dev/zero | tr '\\0' x")
        // Fewer bytes are kept here.
        let bench = try BorrowingBench(lender) { $0.outputLimit = 4096 }
        try bench.letFilesAge()
        try bench.become(.shadow)
        #expect(try run("monitor", bench) == .run(result: 0))
        try bench.turn(until: "it is compared") { !comparisons(bench).isEmpty }
        let found = try #require(comparisons(bench).first)
        #expect(found.differences.map(\.field) == ["output"])
        #expect(found.differences.first?.legacy == "10.talks 20000 bytes")
        // Whoever reads the example comes to the same.
        let again = try EventRecord(json: Array(found.record.json.utf8))
        #expect(again.differences == found.differences)
    }

    @Test func whatWasChangedMeanwhileIsPassedOver() throws {
        try lender.script("10.a.script", "true")
        let bench = try BorrowingBench(lender)
        try bench.become(.shadow)
        #expect(try run("startup", bench) == .run(result: 0))
        try lender.script("20.b.script", "true")
        #expect(try run("monitor", bench) == .run(result: 0))
        try bench.letFilesAge()
        #expect(try run("takeip", bench) == .run(result: 0))
        try bench.turn(until: "the last is compared") {
            comparisons(bench).contains { $0.event == "takeip" }
        }
        #expect(!comparisons(bench).contains { $0.event == "startup" })
        #expect(comparisons(bench).allSatisfy { $0.differences == [] })
    }
}

extension EventText {
    fileprivate init(string: String) { self.init(Array(string.utf8)) }
}
