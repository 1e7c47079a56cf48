// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyWire
import Testing

/// The segment that wakes a connection.
@Suite struct TickleSegmentTests {
    @Test func aTickleHasARightSum() throws {
        let source = SocketAddress.ipv4(address: 0x0102_0304, port: 445)
        let target = SocketAddress.ipv4(address: 0x0506_0708, port: 1234)
        let packet = TickleSegment.bytes(from: source, to: target)
        #expect(packet.count == 40)
        #expect(packet[0] == 0x45)
        #expect(Array(packet[12..<20]) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(Array(packet[20..<24]) == [0x01, 0xBD, 0x04, 0xD2])
        #expect(packet[33] == 0x10)
        // With its own sum in it the sum over everything is all ones.
        let pseudo = Array(packet[12..<20]) + [0, 6, 0, 20]
        #expect(TickleSegment.checksum(pseudo + packet[20...]) == 0xFFFF)

        let high = SocketAddress.ipv6(high: 1, low: 2, port: 1, flow: 0, scope: 0)
        let six = TickleSegment.bytes(from: high, to: high)
        #expect(six.count == 60)
        #expect(six[0] == 0x60)
        #expect(six[6] == 6)
        #expect(TickleSegment.checksum(Array(six[8..<40]) + [0, 6, 0, 20] + six[40...]) == 0xFFFF)
        #expect(TickleSegment.bytes(from: .other(.init(family: 1, bytes: [])), to: target) == [])
    }
}
