// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing

@Suite struct ControlOpcodeTests {
    /// The numbers that no release has used, or that lost their control before 4.17.
    static let gaps: Set<UInt32> = [
        2, 12, 28, 38, 39, 40, 41, 68, 73, 92, 93, 94, 95, 106,
    ]

    @Test func everyNumberHasANameButTheGaps() {
        for number in 0...162 as ClosedRange<UInt32> {
            let opcode = ControlOpcode(rawValue: number)
            #expect((opcode.name == nil) == Self.gaps.contains(number), "\(number)")
        }
        #expect(ControlOpcode.allKnown.count == 163 - Self.gaps.count)
        #expect(ControlOpcode(rawValue: 163).name == nil)
    }

    @Test func releasesSayWhoKnowsAControl() {
        #expect(ControlOpcode.ping.releases == nil)
        #expect(ControlOpcode.ping.isKnown(in: 4) && ControlOpcode.ping.isKnown(in: 25))
        #expect(ControlOpcode.getLeader.isKnown(in: 15))
        #expect(!ControlOpcode.getLeader.isKnown(in: 16))
        #expect(ControlOpcode.getLeader.releases?.description == "4.16 and later")
        let passed = ControlOpcode(rawValue: 160)
        #expect(!passed.isKnown(in: 19) && passed.isKnown(in: 20))
        #expect(passed.releases?.description == "before 4.20")
        #expect(!ControlOpcode(rawValue: 106).isKnown(in: 17))
        #expect(!ControlOpcode(rawValue: 999).isKnown(in: 17))
        let pushed = ControlOpcode(rawValue: 147)
        #expect(!pushed.isKnown(in: 4) && pushed.isKnown(in: 17))
    }

    @Test func namesAreDistinct() {
        #expect(
            Set(ControlOpcode.allKnown.map(\.description)).count == ControlOpcode.allKnown.count)
        #expect(ControlOpcode.getNodeMap.description == "getNodeMap")
        #expect(ControlOpcode(rawValue: 999).description == "999")
    }
}
