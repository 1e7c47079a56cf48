// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing

@Suite struct RecordFlagsTests {
    @Test func bitsAreThoseOfTheWire() {
        #expect(RecordFlags.migratedWithData.rawValue == 0x0001_0000)
        #expect(RecordFlags.vacuumMigrated.rawValue == 0x0002_0000)
        #expect(RecordFlags.automatic.rawValue == 0x0004_0000)
        #expect(RecordFlags.readOnly.rawValue == 0x0F00_0000)
        #expect(RecordFlags(rawValue: 0x8000_0001).rawValue == 0x8000_0001)
    }
}
