// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Values by flow, made for many packets of the same flow in a row.
///
/// A slot keeps its number until its flow is removed.
package struct FlowTable<Value: Equatable & Sendable>: Equatable, Sendable {
    package private(set) var keys: [FlowKey?] = []
    private var values: [Value] = []
    private var index: [FlowKey: Int] = [:]
    private var free: [Int] = []
    private var last: Int?

    package init() {}

    package var count: Int { index.count }

    /// The numbers of the slots in use, in the order of their numbers.
    package var slots: [Int] { keys.indices.filter { keys[$0] != nil } }

    /// The slot of a flow; the same flow asked again costs a comparison.
    package mutating func slot(of key: FlowKey) -> Int? {
        if let last, keys[last] == key { return last }
        guard let slot = index[key] else { return nil }
        last = slot
        return slot
    }

    /// Adds a flow that is not there.
    package mutating func insert(_ key: FlowKey, _ value: Value) -> Int {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            keys[slot] = key
            values[slot] = value
        } else {
            slot = keys.count
            keys.append(key)
            values.append(value)
        }
        index[key] = slot
        last = slot
        return slot
    }

    /// Forgets a flow; `blank` takes its place until the slot is used again.
    package mutating func remove(slot: Int, blank: Value) {
        guard let key = keys[slot] else { return }
        index[key] = nil
        keys[slot] = nil
        values[slot] = blank
        free.append(slot)
        if last == slot { last = nil }
    }

    package subscript(slot: Int) -> Value {
        _read { yield values[slot] }
        _modify { yield &values[slot] }
    }
}
