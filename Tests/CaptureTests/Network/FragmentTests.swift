// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import Testing

/// Packets of IP that came in pieces.
@Suite struct FragmentTests {
    static let message: [UInt8] = (try? messages(50)[49]) ?? []

    /// An IPv4 packet in fragments of so many bytes.
    static func fragments(_ size: Int, identification: UInt16 = 7) -> [[UInt8]] {
        let whole = segment(1, message[...])
        let payload = whole[20...]
        return stride(from: 0, to: payload.count, by: size).map { offset in
            let part = payload.dropFirst(offset).prefix(size)
            var writer = ByteWriter(order: .big, appendingTo: Array(whole[..<20]))
            writer.write(contentsOf: part)
            let more: UInt32 = offset + size < payload.count ? 0x2000 : 0
            writer.patch(0x4500 << 16 | UInt32(20 + part.count), at: 0)
            writer.patch(
                UInt32(identification) << 16 | more | UInt32(offset / 8), at: 4)
            return writer.finish()
        }
    }

    @Test func fragmentsInAnyOrderAreOnePacket() {
        let parts = Self.fragments(24)
        #expect(parts.count == 5)
        #expect(found(parts) == [.reqid(49)])
        #expect(found(parts.reversed()) == [.reqid(49)])
        // One that comes twice changes nothing.
        #expect(found([parts[1], parts[1]] + parts) == [.reqid(49)])
        let read = sightings(Array(parts.dropLast()))
        #expect(read.sightings.isEmpty)
    }

    @Test func fragmentsThatOverlapAreGivenUp() {
        let parts = Self.fragments(24)
        var wrong = parts[1]
        wrong[7] = 4
        let read = sightings([parts[0], parts[1], wrong])
        #expect(read.counts.fragments == 1)
        #expect(read.sightings.isEmpty)
    }

    @Test func whatIsNeverCompleteIsForgotten() {
        // More packets under way than are remembered: the first ones are gone.
        let first = Self.fragments(24)[0]
        let many = (100..<164).map { Self.fragments(24, identification: $0)[0] }
        #expect(sightings([first] + many).counts.fragments == 1)
        #expect(sightings([first, many[0]], step: 31_000_000_000).counts.fragments == 1)
    }

    @Test func fragmentsOfIPv6AreOnePacketToo() {
        let whole = LinkLayerTests.ipv6
        let payload = Array(whole[40...])
        let parts = [0, 24, 48].map { offset in
            let part = payload.dropFirst(offset).prefix(offset == 48 ? 1000 : 24)
            var packet = Array(whole[..<40])
            packet[4] = 0
            packet[5] = UInt8(8 + part.count)
            packet[6] = 44
            packet += [6, 0, 0, UInt8(offset) | (offset == 48 ? 0 : 1), 1, 2, 3, 4]
            return packet + part
        }
        #expect(found(parts) == [.reqid(0)])
        #expect(found(parts.reversed()) == [.reqid(0)])
    }

    @Test func anyBytesAreReadOrCounted() {
        let parts = Self.fragments(24)
        for mutation in mutations(of: parts[1], order: .big) {
            _ = sightings([parts[0], mutation] + parts[2...])
        }
    }
}
