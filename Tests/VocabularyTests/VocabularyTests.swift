// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Testing
import Vocabulary

@Suite struct VocabularyTests {
    @Test func instantsSaturateInsteadOfTrapping() {
        let late = Instant(nanoseconds: .max - 5)
        #expect(late.advanced(byMilliseconds: 1) == Instant(nanoseconds: .max))
        #expect(late.advanced(byMilliseconds: .max) == Instant(nanoseconds: .max))
        #expect(Instant(nanoseconds: 0).milliseconds(until: Instant(nanoseconds: 1)) == 1)
        #expect(late.milliseconds(until: Instant(nanoseconds: 0)) == 0)
    }

    @Test func lmasterIsTheHashModuloTheMap() {
        let map = VNNMap(
            generation: Generation(rawValue: 7), nodes: [2, 0, 1].map(PNN.init(rawValue:)))
        #expect(map.lmaster(ofHash: 3) == PNN(rawValue: 2))
        #expect(map.lmaster(ofHash: 0xFFFF_FFFF) == PNN(rawValue: 2))
        #expect(VNNMap(generation: .invalid, nodes: []).lmaster(ofHash: 3) == nil)
    }

    @Test func flagsSayWhoTakesPart() {
        #expect(NodeFlags([.banned]).isInactive && NodeFlags([.banned]).isConnected)
        #expect(!NodeFlags([.unhealthy]).isInactive)
        #expect(!NodeFlags([.disconnected]).isConnected)
    }
}
