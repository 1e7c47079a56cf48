// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing

@Suite struct LegacyLayoutTests {
    @Test func thisMachineIsOneOfThem() {
        #expect(LegacyLayout.all.count == 4)
        #expect(LegacyLayout.all.contains(.native))
    }

    @Test func readersAndWritersHaveTheOrder() throws {
        for layout in LegacyLayout.all {
            var writer = layout.writer()
            writer.write(UInt32(1))
            let bytes = writer.finish()
            #expect((bytes[0] == 1) == (layout.byteOrder == .little))
            var reader = layout.reader(over: bytes[...])
            #expect(try reader.readUInt32("f", of: "T") == 1)
        }
    }
}
