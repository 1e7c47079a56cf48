// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing

/// Bytes by hand, as `ctdb_event_reply_status_push` puts them; real ones are in the fixtures.
@Suite struct EventStatusTests {
    static let value = EventStatus(
        summary: -2,
        scripts: [
            EventScriptResult(
                name: "00.ctdb", begin: Timeval(seconds: 0x1112_1314, microseconds: 0x21222),
                end: Timeval(seconds: 0x3132_3334, microseconds: 0x41424), result: -1,
                output: nil)
        ])

    @Test func bytesAndValueAgree() throws {
        let hex = """
            feffffff 01000000 08000000 30302e63746462 00 14131211 00000000 22120200 00000000
            34333231 00000000 24140400 00000000 ffffffff 00000000
            """
        try expectGolden(Self.value, hex)
        let hex32 = """
            feffffff 01000000 08000000 30302e63746462 00 14131211 22120200
            34333231 24140400 ffffffff 00000000
            """
        try expectGolden(Self.value, hex32, layout: little32)
    }

    // FACTS 6.2: only a negative number of scripts was refused.
    @Test(arguments: [2, 0x0174_5D18, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32])
    func aCountOverTheBytesIsRefused(count: UInt32) throws {
        let lying = patched(try Self.value.encoded(layout: little64), at: 4, to: count)
        #expect(throws: WireError.self) { try EventStatus.decode(lying[...], layout: little64) }
    }

    @Test func noScriptsAreAnEmptyList() throws {
        try expectGolden(EventStatus(summary: 0, scripts: []), "00000000 00000000")
    }
}
