// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing

@Suite struct CountBucketsTests {
    @Test func bytesAndValueAgree() throws {
        let value = CountBuckets((0..<16).map { 0x1112_1310 + $0 })
        let digits = (0..<16).map { String($0, radix: 16) }
        try expectGolden(value, digits.map { "1\($0)131211" }.joined())
        try expectGolden(value, digits.map { "1112131\($0)" }.joined(), layout: big64)
    }

    @Test func thereAreAlwaysSixteen() {
        #expect(CountBuckets([1]).counts == [1] + Array(repeating: 0, count: 15))
        #expect(CountBuckets((0..<17).map { $0 }).counts == (0..<16).map { $0 })
        #expect(CountBuckets().counts.count == CountBuckets.count)
    }
}
