// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Testing
import Vocabulary

@Suite struct FlowTableTests {
    private func key(_ number: UInt64) -> FlowKey {
        var key = Pair.key
        key.source.instance = Instance(rawValue: number)
        return key
    }

    @Test func aSlotKeepsItsNumberUntilItsFlowIsRemoved() {
        var table = FlowTable<String>()
        #expect(table.slot(of: key(1)) == nil)
        #expect(table.insert(key(1), "one") == 0)
        #expect(table.insert(key(2), "two") == 1)
        table.remove(slot: 0, blank: "")
        #expect(table.slot(of: key(2)) == 1)
        #expect(table[1] == "two")
        #expect(table.slots == [1])
        #expect(table.count == 1)
    }

    @Test func aFreeSlotIsUsedAgainForAnotherFlow() {
        var table = FlowTable<String>()
        _ = table.insert(key(1), "one")
        _ = table.insert(key(2), "two")
        table.remove(slot: 0, blank: "")
        #expect(table[0] == "")
        #expect(table.slot(of: key(1)) == nil)
        #expect(table.insert(key(3), "three") == 0)
        #expect(table[0] == "three")
        #expect(table.slot(of: key(1)) == nil)
        #expect(table.keys == [key(3), key(2)])
    }

    @Test func theFlowAskedForLastIsForgottenWithItsSlot() {
        var table = FlowTable<String>()
        let slot = table.insert(key(1), "one")
        #expect(table.slot(of: key(1)) == slot)
        table.remove(slot: slot, blank: "")
        #expect(table.slot(of: key(1)) == nil)
        table.remove(slot: slot, blank: "")
        #expect(table.insert(key(2), "two") == slot)
        #expect(table.insert(key(3), "three") == 1)
    }

    @Test func theLaneAndEveryPartOfTheAddressesTellFlowsApart() {
        var table = FlowTable<Int>()
        var other = Pair.key
        other.lane = .urgent
        var another = Pair.key
        another.destination.instance = Instance(rawValue: 0)
        for (number, key) in [Pair.key, other, another].enumerated() {
            #expect(table.slot(of: key) == nil)
            _ = table.insert(key, number)
        }
        for (number, key) in [Pair.key, other, another].enumerated() {
            #expect(table.slot(of: key) == number)
        }
    }

    @Test func aValueIsChangedInItsPlace() {
        var table = FlowTable<[Int]>()
        let slot = table.insert(key(1), [1])
        table[slot].append(2)
        #expect(table[slot] == [1, 2])
    }
}
