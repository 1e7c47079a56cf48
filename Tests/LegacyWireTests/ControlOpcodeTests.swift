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

    @Test func namesAreDistinct() {
        #expect(
            Set(ControlOpcode.allKnown.map(\.description)).count == ControlOpcode.allKnown.count)
        #expect(ControlOpcode.getNodeMap.description == "getNodeMap")
        #expect(ControlOpcode(rawValue: 999).description == "999")
    }
}
