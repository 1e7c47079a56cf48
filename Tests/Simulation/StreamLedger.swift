// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Vocabulary

/// The streams that were opened, and what must be true of each end.
struct StreamLedger {
    struct End {
        var life: UInt64
        var key: StreamKey
        var isGone = false
        var hasPeerEnded = false
        var isOver = false
        /// How many bytes its program has written, received and used up.
        var written = 0
        var received = 0
        var used = 0
        var hasEnded = false
    }

    /// The two ends of a stream by the number that is its name: opener first.
    private(set) var ends: [[End]] = []
    private var numbers: [EndName: Int] = [:]

    private struct EndName: Hashable {
        var life: UInt64
        var key: StreamKey
    }

    mutating func begin() -> Int {
        ends.append([])
        return ends.count - 1
    }

    mutating func add(_ number: Int, _ life: UInt64, _ key: StreamKey) -> String? {
        guard number < ends.count, ends[number].count < 2 else {
            return "stream \(number) has too many ends"
        }
        numbers[EndName(life: life, key: key)] = number
        ends[number].append(End(life: life, key: key))
        return nil
    }

    func number(_ life: UInt64, _ key: StreamKey) -> Int? {
        numbers[EndName(life: life, key: key)]
    }

    /// Changes one end; what is wrong with the change is returned.
    mutating func change(
        _ life: UInt64, _ key: StreamKey, _ body: (inout End, _ number: Int) -> String?
    ) -> String? {
        guard let number = number(life, key),
            let at = ends[number].firstIndex(where: { $0.life == life && $0.key == key })
        else { return "life \(life) has no stream \(key)" }
        if ends[number][at].isOver { return "stream \(number) goes on after its end" }
        return body(&ends[number][at], number)
    }

    /// The byte at a place of a stream.
    static func byte(_ number: Int, _ place: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: number &* 31 &+ place &* 7 &+ place >> 8)
    }

    mutating func ended(_ life: UInt64) {
        for number in ends.indices {
            for at in ends[number].indices where ends[number][at].life == life {
                ends[number][at].isGone = true
            }
        }
    }

    /// Each end hears how its stream ended, as long as both live.
    func verdict() -> String? {
        for (number, pair) in ends.enumerated() {
            guard let opener = pair.first, !pair.contains(where: \.isGone) else { continue }
            for end in pair where !end.isOver && !(end.hasEnded && end.hasPeerEnded) {
                return "stream \(number) never ended for life \(end.life): \(pair)"
            }
            if let other = pair.dropFirst().first, opener.hasPeerEnded, !opener.isOver,
                other.received != opener.written
            {
                return "stream \(number) lost bytes: \(pair)"
            }
        }
        return nil
    }
}
