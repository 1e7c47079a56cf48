// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import Testing

/// What nearly all packets are is read by a shorter way, which must find the same as the long one.
@Suite struct UsualPacketTests {
    /// A file with packets of which some take the shorter way.
    private static func file(_ order: ByteOrder) throws -> [UInt8] {
        var writer = PcapngWriter(CaptureSection(), order: order)
        let interface = writer.add(CaptureInterface(linkType: .raw))
        let message = LinkLayerTests.ipv4[...]
        let time = CaptureTime(nanoseconds: 1_700_000_000_123_456_789)
        for (count, direction) in [
            (message.count, nil), (message.count - 1, RawPacket.Direction.outbound),
            (message.count - 2, .inbound), (0, nil), (3, .outbound),
        ] {
            try writer.add(
                RawPacket(
                    time: time, interface: interface, bytes: message.prefix(count),
                    direction: direction))
        }
        try writer.add(
            RawPacket(
                time: time, interface: interface, bytes: message, direction: .inbound,
                dropCount: 7, comments: ["of another kind"]))
        return writer.take()
    }

    /// Packets of the wire are written by a shorter way, too.
    @Test(arguments: ByteOrder.allCases)
    func packetsAreWrittenAlike(order: ByteOrder) throws {
        var (usual, long) = (
            PcapngWriter(CaptureSection(), order: order),
            PcapngWriter(CaptureSection(), order: order)
        )
        _ = usual.add(CaptureInterface(linkType: .raw))
        _ = long.add(CaptureInterface(linkType: .raw))
        let time = CaptureTime(nanoseconds: 1_700_000_000_123_456_789)
        for count in 0..<LinkLayerTests.ipv4.count {
            let bytes = LinkLayerTests.ipv4[..<count]
            let direction = count % 2 == 0 ? RawPacket.Direction.inbound : .outbound
            // A count that is too small is made right.
            try usual.add(
                bytes.span, at: time, interface: 0, direction: direction,
                originalByteCount: count * 2 - 3)
            try long.add(
                RawPacket(
                    time: time, interface: 0, bytes: bytes, originalByteCount: count * 2 - 3,
                    direction: direction))
        }
        let (first, second) = (usual.take(), long.take())
        #expect(first == second)
        let nothing: [UInt8] = []
        #expect(throws: CaptureError.noSuchInterface(1)) {
            try usual.add(
                nothing.span, at: time, interface: 1, direction: .inbound, originalByteCount: 0)
        }
    }

    /// In small pieces no block lies in one of them, and each is read the long way.
    @Test(arguments: ByteOrder.allCases)
    func blocksAreReadAlike(order: ByteOrder) throws {
        let file = try Self.file(order)
        let whole = items(file)
        let packets = whole.items.compactMap {
            if case .packet(let packet) = $0 { packet } else { nil }
        }
        #expect(
            packets.map(\.direction) == [nil, .outbound, .inbound, nil, .outbound, .inbound])
        #expect(packets.allSatisfy { $0.time?.nanoseconds == 1_700_000_000_123_456_789 })
        let altered = file.indices.flatMap { place in
            ([0, 1, 4, 9, 0xFF] as [UInt8]).map { value in
                var bytes = file
                bytes[place] = value
                return bytes
            }
        }
        for bytes in [file] + mutations(of: file, order: order) + altered {
            let (usual, long) = (items(bytes), items(bytes, pieces: 13))
            #expect(usual.items == long.items)
            #expect(usual.interfaces == long.interfaces)
            #expect(usual.error == long.error)
            #expect(usual.pending == long.pending)
        }
    }

    /// Behind a VLAN tag each header is read the long way.
    @Test(arguments: [LinkLayerTests.ipv4, LinkLayerTests.ipv6])
    func headersAreReadAlike(packet: [UInt8]) {
        let isIPv6 = packet[0] >> 4 == 6
        let macs = hex(LinkLayerTests.macs)
        let type = hex(isIPv6 ? "86dd" : "0800")
        let cooked = hex("0004 0001 0006 0200000000010000")
        let cooked2 = type + hex("0000 00000003 0001 04 06 0200000000010000")
        // Every length that the headers can state, of the packet and of themselves.
        var variants = mutations(of: packet, order: .big)
        for place in 0..<(isIPv6 ? 60 : 40) {
            for value: UInt8 in [0, 1, 4, 5, 6, 7, 0x0F, 0x40, 0x45, 0x46, 0x50, 0x60, 0xF0, 0xFF] {
                var variant = packet
                variant[place] = value
                variants.append(variant)
            }
        }
        var readable = 0
        for variant in [packet, packet + [9, 9, 9]] + variants {
            let long = sightings([macs + hex("8100 0007") + type + variant], .ethernet)
            readable += long.sightings.count
            for (front, link) in [
                (macs + type, LinkType.ethernet), (cooked + type, .linuxCooked),
                (cooked2, .linuxCooked2),
            ] {
                let usual = sightings([front + variant], link)
                #expect(usual.sightings == long.sightings)
                #expect(usual.counts == long.counts)
            }
        }
        #expect(readable > 100)
    }
}
