// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Values under keys that are never used again.
///
/// A place that has become free is taken again under another generation, so that a key which
/// somebody kept finds nothing, rather than the next value.
package struct SlotMap<Value> {
    /// Names one value.
    package struct Key: Hashable, Sendable {
        package var slot: UInt32
        package var generation: UInt32
    }

    private struct Slot {
        var generation: UInt32
        var value: Value?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    /// Makes an empty one.
    package init() {}

    /// The number of values.
    package var count: Int { slots.count - free.count }

    /// Puts a value into a free place.
    package mutating func insert(_ value: Value) -> Key {
        if let slot = free.popLast() {
            slots[Int(slot)].value = value
            return Key(slot: slot, generation: slots[Int(slot)].generation)
        }
        let slot = UInt32(slots.count)
        slots.append(Slot(generation: 1, value: value))
        return Key(slot: slot, generation: 1)
    }

    /// The value under a key, or nil once it has been removed; a removed one cannot be set.
    package subscript(key: Key) -> Value? {
        get {
            guard holds(key) else { return nil }
            return slots[Int(key.slot)].value
        }
        set {
            guard holds(key), let newValue else { return }
            slots[Int(key.slot)].value = newValue
        }
    }

    /// Takes a value out.
    package mutating func remove(_ key: Key) -> Value? {
        guard holds(key) else { return nil }
        let value = slots[Int(key.slot)].value
        slots[Int(key.slot)].value = nil
        slots[Int(key.slot)].generation &+= 1
        free.append(key.slot)
        return value
    }

    /// Whether a key still names a value.
    private func holds(_ key: Key) -> Bool {
        Int(key.slot) < slots.count && slots[Int(key.slot)].generation == key.generation
            && slots[Int(key.slot)].value != nil
    }
}
