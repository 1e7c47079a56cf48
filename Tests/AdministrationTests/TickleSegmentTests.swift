// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyWire
import NetworkWire
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
        // Five words of header, and nothing but an acknowledgement.
        #expect(Array(packet[32..<34]) == [0x50, 0x10])
        // With its own sum in it the complement of the sum over everything is nothing.
        let pseudo = Array(packet[12..<20]) + [0, 6, 0, 20]
        #expect(Self.checksum(pseudo + packet[20...]) == 0)

        let high = SocketAddress.ipv6(high: 1, low: 2, port: 1, flow: 0, scope: 0)
        let six = TickleSegment.bytes(from: high, to: high)
        #expect(six.count == 60)
        #expect(six[0] == 0x60)
        #expect(six[6] == 6)
        #expect(Self.checksum(Array(six[8..<40]) + [0, 6, 0, 20] + six[40...]) == 0)
        #expect(TickleSegment.bytes(from: .other(.init(family: 1, bytes: [])), to: target) == [])
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum = InternetChecksum()
        sum.add(bytes)
        return sum.value
    }
}
