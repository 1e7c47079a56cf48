// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing
import Vocabulary

@Suite struct SrvIDLegacyTests {
    @Test func rangesAreTopBytes() {
        for range in SrvID.Range.allCases {
            #expect(range.first.range == range)
            #expect(range.last.range == range)
        }
        #expect(SrvID.tunnelNewProtocol.range == .tunnelNewProtocol)
        #expect(SrvID(rawValue: 4711).range == .pid)
    }

    @Test func theDaemonsOwnNumbersAreInNoRange() {
        let own: [SrvID] = [
            .recovery, .banning, .election, .leader, .reconfigure, .releaseIP, .takeIP,
            .ipReallocated, .startIPReallocate, .setNodeFlags, .updateIP, .vacuumFetch,
            .detachDatabase, .memoryDump, .getLog, .clearLog, .pushNodeFlags, .reloadNodes,
            .takeoverRun, .rebalanceNode, .disableTakeoverRuns, .disableRecoveries,
            .disableIPCheck, .all,
        ]
        #expect(Set(own).count == own.count)
        for srvid in own { #expect(srvid.range == nil, "\(srvid)") }
    }
}
