// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import LegacyWire
import Testing
import Vocabulary

/// Decoded values as trees of fields.
@Suite struct FieldTests {
    static func legacy(_ body: LegacyPacket.Body) throws -> LegacySighting {
        let packet = LegacyPacket(
            generation: Generation(rawValue: 9), destination: .broadcastAll,
            source: PNN(rawValue: 0), reqid: Reqid(rawValue: 5), body: body)
        let bytes = try packet.encode(layout: little64)
        return LegacySighting(bytes: bytes[...], layout: little64, packet: packet)
    }

    @Test func aControlIsATreeToItsLastField() throws {
        let change = NodeFlagChange(
            pnn: PNN(rawValue: 2), newFlags: [.banned, NodeFlags(rawValue: 0x80)], oldFlags: [])
        let control = try ControlRequest.modifyFlags(change).encode(layout: little64)
        let lines = try Self.legacy(.requestControl(control)).fields.lines("legacy")
        #expect(
            lines == [
                "legacy", "    length: 72", "    byte_order: little", "    generation: 9",
                "    operation: requestControl", "    destination: all", "    source: 0",
                "    reqid: 5", "    opcode: modifyFlags", "    srvid: 0x0", "    client_id: 0",
                "    flags: -", "    data", "        modify_flags", "            pnn: 2",
                "            new_flags: banned,0x80", "            old_flags: -",
            ])
    }

    @Test func whatIsUnknownIsBytes() throws {
        let message = RequestMessage(
            srvid: SrvID(rawValue: 0xFE00_0000_0000_0001), data: Array("héllo\n".utf8)[...])
        let lines = try Self.legacy(.requestMessage(message)).fields.lines("legacy")
        #expect(
            Array(lines.suffix(2)) == [
                "    srvid: 0xFE00000000000001",
                "    data: 7 bytes: 68c3a96c6c6f0a |h..llo.|",
            ])
    }

    @Test func everyFixtureHasATree() throws {
        for bytes in try Fixtures.conversation() {
            let packet = try LegacyPacket.decode(bytes[...], layout: little64)
            let legacy = LegacySighting(bytes: bytes[...], layout: little64, packet: packet)
            guard case .fields(let fields) = legacy.fields else {
                Issue.record("no fields")
                continue
            }
            #expect(fields.count >= 7)
            #expect(legacy.fields.differences(to: legacy.fields).isEmpty)
        }
    }

    @Test func differencesSayWhere() {
        let first = FieldValue.fields([
            .init("a", .number(1)), .init("b", .list([.flag(true), .fields([.init("c", .none)])])),
            .init("gone", .text("x")),
        ])
        let second = FieldValue.fields([
            .init("b", .list([.flag(true), .fields([.init("c", .text("y"))]), .number(3)])),
            .init("a", .number(1)), .init("new", .real(0.5)),
        ])
        #expect(
            first.differences(to: second) == [
                FieldDifference(path: "b[1].c", first: FieldValue.none, second: .text("y")),
                FieldDifference(path: "b[2]", first: nil, second: .number(3)),
                FieldDifference(path: "gone", first: .text("x"), second: nil),
                FieldDifference(path: "new", first: nil, second: .real(0.5)),
            ])
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000000Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
        (1_772_323_199_123_456_789, "2026-02-28T23:59:59.123456789Z"),
        (Int64.max, "2262-04-11T23:47:16.854775807Z"),
        (Int64.min, "1677-09-21T00:12:43.145224192Z"),
    ])
    func momentsAreTextAndBack(nanoseconds: Int64, text: String) {
        let time = CaptureTime(nanoseconds: nanoseconds)
        #expect(time.text == text)
        if nanoseconds > 0, nanoseconds < .max { #expect(CaptureTime(text: text) == time) }
    }

    @Test func momentsMayBeWrittenShort() {
        let second: Int64 = 1_000_000_000
        #expect(CaptureTime(text: "12.5")?.nanoseconds == 12 * second + second / 2)
        #expect(CaptureTime(text: "2026-01-31")?.nanoseconds == 1_769_817_600 * second)
        #expect(
            CaptureTime(text: "2026-01-31T10:20:30")?.nanoseconds == 1_769_854_830 * second)
        for wrong in [
            "", "x", "1.", "1.0000000000", "2026-13-01", "2026-01-31T1:2", "2026-01-31T24:00:00",
            "99999-01-01", "-5", "2026", "2026-01",
        ] where wrong != "2026" {
            #expect(CaptureTime(text: wrong) == nil, "\(wrong)")
        }
    }
}
