// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Testing
import Vocabulary

/// What somebody else has made of events, decided about again.
@Suite struct EventRecordTests {
    private static func script(
        _ name: String, _ result: Int32, from begin: Int64, to end: Int64, output: String? = nil
    ) -> EventScriptResult {
        EventScriptResult(
            name: name, begin: Timeval(seconds: begin, microseconds: 5),
            end: Timeval(seconds: end, microseconds: 6), result: result, output: output)
    }

    private static func record(
        _ scripts: [(String, Bool)], _ summary: Int32, _ results: [EventScriptResult],
        timeout: Duration? = .seconds(30), outputLimit: Int = 1000
    ) -> EventRecord {
        EventRecord(
            component: "legacy", event: "startup", timeout: timeout,
            scripts: scripts.map {
                .init(name: EventText(Array($0.0.utf8)), isEnabled: $0.1)
            }, status: EventStatus(summary: summary, scripts: results), outputLimit: outputLimit)
    }

    /// Records of the distribution's event daemon, as far as it decides.
    static let agreed: [EventRecord] = [
        record([], 0, []),
        record(
            [("20.b", true), ("00.a", true)], 0,
            [script("00.a", 0, from: 1, to: 2, output: "x"), script("20.b", 0, from: 2, to: 3)]),
        record(
            [("00.a", false), ("20.b", true)], 0,
            [script("00.a", -8, from: 1, to: 1), script("20.b", 0, from: 1, to: 3)]),
        record(
            [("00.a", true), ("20.b", true)], 3, [script("00.a", 3, from: 1, to: 2)]),
        record(
            [("00.a", true), ("20.b", true)], -4, [script("00.a", -4, from: 1, to: 2)]),
        record([("00.a", true)], -2, [script("00.a", -2, from: 1, to: 1)]),
        record(
            [("00.a", true), ("20.b", true), ("30.c", true)], -110,
            [
                script("00.a", 0, from: 1, to: 11),
                script("20.b", -110, from: 11, to: 31, output: "so far"),
            ]),
        // Late without a known timeout, and every script run though one failed.
        record([("00.a", true)], -110, [script("00.a", -110, from: 1, to: 6)], timeout: nil),
        record(
            [("00.a", true), ("20.b", true)], 1,
            [script("00.a", 1, from: 1, to: 2), script("20.b", 0, from: 2, to: 3)]),
    ]

    @Test(arguments: agreed)
    func whatIsDecidedAlikeDiffersInNothing(record: EventRecord) {
        #expect(record.differences == [])
        #expect(record.decide().status.summary == record.status.summary)
        #expect(!record.contradictsTimeout)
    }

    @Test(
        arguments: [
            (
                record([("00.a", true), ("20.b", true)], 0, [script("00.a", 0, from: 1, to: 2)]),
                ["scripts"]
            ),
            (
                record([("00.a", false)], 0, [script("00.a", 0, from: 1, to: 2)]),
                ["disabled", "result"]
            ),
            (
                record([("00.a", true)], 0, [script("00.a", 4, from: 1, to: 2)]),
                ["summary", "answer"]
            ),
            (
                record(
                    [("00.a", true)], 0, [script("00.a", 0, from: 1, to: 2, output: "12345")],
                    outputLimit: 4), ["output"]
            ),
            (record([], 0, [script("00.a", 0, from: 1, to: 2)]), ["scripts"]),
        ] as [(EventRecord, [String])])
    func whatIsDecidedOtherwiseIsNamed(record: EventRecord, fields: [String]) {
        #expect(record.differences.map(\.field) == fields)
    }

    @Test func whatWasGivenUpTooEarlyHadAnotherTimeout() {
        let early = Self.record(
            [("00.a", true)], -110, [Self.script("00.a", -110, from: 1, to: 6)])
        #expect(early.contradictsTimeout)
        #expect(
            !Self.record([("00.a", true)], 0, [Self.script("00.a", 0, from: 1, to: 6)])
                .contradictsTimeout)
    }

    // MARK: JSON

    @Test(arguments: agreed)
    func aRecordIsTheSameAfterJSON(record: EventRecord) throws {
        let read = try EventRecord(json: Array(record.json.utf8))
        #expect(read.json == record.json)
        #expect(read.differences == record.differences)
        #expect(read.decide().answer == record.decide().answer)
    }

    @Test func namesNeedNotBeText() throws {
        var record = Self.agreed[1]
        record.scripts[0].name = EventText([0x32, 0x30, 0x2E, 0xE9])
        record.event = "a \"b\"\n"
        let read = try EventRecord(json: Array(record.json.utf8))
        #expect(read.scripts == record.scripts && read.event == record.event)
    }

    @Test(
        arguments: [
            "", "[]", "{}", "{\"schema\": \"ctdb.event.record/2\"}",
            agreed[1].json.replacing("\"enabled\":true", with: "\"enabled\":1"),
            agreed[1].json.replacing("\"name\":\"00.a\"", with: "\"name\":{\"hex\":\"0\"}"),
            agreed[1].json.replacing("\"name\":\"00.a\"", with: "\"name\":{\"hex\":\"00\"}"),
            agreed[1].json.replacing("\"name\":\"00.a\"", with: "\"name\":{\"hex\":\"+1\"}"),
            agreed[1].json.replacing("\"output_bytes\":1", with: "\"output_bytes\":99999999999"),
            agreed[1].json.replacing("\"summary\":0", with: "\"summary\":\"0\""),
        ])
    func whatIsNoRecordIsRefused(json: String) {
        #expect(throws: EventRecord.Malformed.self) { try EventRecord(json: Array(json.utf8)) }
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func numbersOfAnySizeAreDecidedAbout(number: Int64) throws {
        for field in ["begin", "end", "result", "timeout_microseconds", "output_limit"] {
            let json = Self.agreed[6].json.replacing(
                try Regex("\"\(field)\":-?[0-9]+"), with: "\"\(field)\":\(number)")
            let record = try EventRecord(json: Array(json.utf8))
            _ = record.differences
            _ = record.contradictsTimeout
        }
    }
}
