// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing

@Suite struct SlotMapTests {
    @Test func aKeyFindsItsValueUntilItIsRemoved() {
        var map = SlotMap<String>()
        let first = map.insert("a")
        let second = map.insert("b")
        #expect(map[first] == "a")
        #expect(map[second] == "b")
        #expect(map.remove(first) == "a")
        #expect(map[first] == nil)
        #expect(map.remove(first) == nil)
        #expect(map.count == 1)
    }

    @Test func aPlaceTakenAgainHidesItsNewValueFromTheOldKey() {
        var map = SlotMap<String>()
        let old = map.insert("old")
        _ = map.remove(old)
        let new = map.insert("new")
        #expect(new.slot == old.slot)
        #expect(map[old] == nil)
        map[old] = "stale"
        #expect(map[new] == "new")
        map[new] = "newer"
        #expect(map[new] == "newer")
    }

    @Test func aKeyFromNowhereFindsNothing() {
        var map = SlotMap<Int>()
        let key = map.insert(1)
        var other = key
        other.slot = 7
        #expect(map[other] == nil)
        #expect(map.remove(other) == nil)
    }
}
