// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import Testing

/// Files of the new format, as the specification has them.
@Suite struct PcapngFileTests {
    /// Written by hand from the specification: every kind of block, little-endian.
    static let front = hex(
        """
        0a0d0d0a 30000000 4d3c2b1a 0100 0000 ffffffffffffffff
            0100 0300 61626300  0400 0300 78797a00  00000000  30000000
        01000000 30000000 0100 0000 00010000
            0200 0400 65746830  0900 0100 09000000
            0b00 0400 00746370  00000000 30000000
        01000000 20000000 6500 0000 02000000
            0900 0100 8a000000  00000000 20000000
        06000000 44000000 00000000 77f69717 00d20a48
            03000000 05000000 aabbcc00
            0100 0200 68690000  0200 0400 02000000
            0400 0800 0700000000000000  00000000 44000000
        06000000 24000000 01000000 00000000 00040000
            01000000 01000000 11000000 24000000
        03000000 14000000 02000000 99880000 14000000
        02000000 24000000 0000 0300 00000000 05000000
            01000000 01000000 77000000 24000000
        """)

    /// Behind the packets; the last block names an interface that there is not.
    static let tail = hex(
        """
        04000000 1c000000 0100 0700 0a000001 6e3000 00  00000000 1c000000
        05000000 28000000 00000000 00000000 05000000
            0400 0800 6300000000000000  00000000 28000000
        af0b0000 10000000 12345678 10000000
        06000000 20000000 09000000 00000000 00000000 00000000 00000000 20000000
        """)

    static var expected: [CaptureItem] {
        [
            .section(CaptureSection(application: "xyz", hardware: nil, comments: ["abc"])),
            .interface(0), .interface(1),
            .packet(
                RawPacket(
                    time: CaptureTime(nanoseconds: 0x1797_F677_480A_D200), interface: 0,
                    bytes: [0xAA, 0xBB, 0xCC], originalByteCount: 5, direction: .outbound,
                    dropCount: 7, comments: ["hi"])),
            // 1024 ticks of which a second has 1024.
            .packet(
                RawPacket(
                    time: CaptureTime(nanoseconds: 1_000_000_000), interface: 1, bytes: [0x11])),
            .packet(RawPacket(time: nil, interface: 0, bytes: [0x99, 0x88])),
            .packet(
                RawPacket(
                    time: CaptureTime(nanoseconds: 5), interface: 0, bytes: [0x77], dropCount: 3)),
            .names([HostName(address: .ipv4(0x0A00_0001), name: "n0")]),
            .statistics(
                InterfaceStatistics(
                    interface: 0, time: CaptureTime(nanoseconds: 5), received: 99, dropped: nil)),
            .passedOver(type: 0xBAF, byteCount: 16),
            .unreadable(
                WireError(
                    code: .invalidValue(9), type: "RawPacket", field: "interface", offset: 4),
                fileOffset: UInt64(front.count + 28 + 40 + 16)),
        ]
    }

    @Test func everyKindOfBlockIsRead() {
        for size in [1, 4, 13, 4096] {
            let read = items(Self.front + Self.tail, pieces: size)
            #expect(read.items == Self.expected)
            #expect(read.error == nil)
            #expect(read.pending == 0)
            #expect(
                read.interfaces == [
                    CaptureInterface(
                        linkType: .ethernet, name: "eth0", filter: "tcp", snapLength: 256),
                    CaptureInterface(
                        linkType: .raw, snapLength: 2, resolution: .binary(exponent: 10)),
                ])
        }
    }

    @Test func sectionsFollowEachOtherWithInterfacesOfTheirOwn() throws {
        var bytes: [UInt8] = []
        for (order, name) in [(ByteOrder.little, "a"), (.big, "b")] {
            var writer = PcapngWriter(CaptureSection(application: name), order: order)
            _ = writer.add(CaptureInterface(linkType: .raw, name: name))
            try writer.add(RawPacket(time: nil, interface: 0, bytes: [1]))
            bytes += writer.take()
        }
        let read = items(bytes)
        #expect(read.interfaces.map(\.name) == ["a", "b"])
        let places = read.items.compactMap { item in
            if case .packet(let packet) = item { packet.interface } else { nil }
        }
        #expect(places == [0, 1])
    }

    @Test func aBlockThatLiesAboutItselfIsDamage() {
        var bytes = Self.front
        bytes[4] = 0x31
        #expect(items(bytes).error != nil)
        // The lengths in front and behind differ: the contents are not to be believed.
        bytes = Self.front
        bytes[Self.front.count - 4] = 0x28
        let last = items(bytes).items.last
        #expect(
            last
                == .unreadable(
                    WireError(
                        code: .invalidValue(0x28), type: "PcapngSection", field: "last_length",
                        offset: 36), fileOffset: UInt64(Self.front.count - 36)))
    }

    @Test func anyBytesAreItemsOrAnError() {
        let bytes = Self.front + Self.tail
        for order in ByteOrder.allCases {
            for mutation in mutations(of: bytes, order: order) {
                let read = items(mutation)
                #expect(read == items(mutation, pieces: 11))
            }
        }
    }

    @Test func timesOfEveryResolutionAreNanosecondsOrTheLastThereIs() throws {
        let cases: [(UInt8, UInt64, Int64)] = [
            (0, 3, 3_000_000_000), (6, 3, 3000), (9, 3, 3), (12, 3999, 3), (20, 1, 0),
            (127, .max, 0), (0x80, 3, 3_000_000_000), (0x81, 3, 1_500_000_000),
            (0x80 | 32, 1 << 31, 500_000_000), (0x80 | 63, .max, 1_999_999_999),
            (0x80 | 64, 1 << 63, 500_000_000), (0xFF, .max, 0), (0, .max, .max),
            (0x80, .max, .max), (9, .max, .max),
        ]
        for (byte, ticks, expected) in cases {
            var writer = PcapngWriter(CaptureSection(), order: .big)
            _ = writer.add(CaptureInterface(linkType: .raw))
            try writer.add(RawPacket(time: CaptureTime(nanoseconds: 0), interface: 0, bytes: []))
            var bytes = ByteWriter(order: .big, appendingTo: writer.take())
            // The resolution stands behind the option's front, the ticks behind the interface.
            let resolution = 28 + 16 + 4
            bytes.patch(UInt32(byte) << 24, at: resolution)
            let time = 28 + 32 + 12
            bytes.patch(UInt32(ticks >> 32), at: time)
            bytes.patch(UInt32(truncatingIfNeeded: ticks), at: time + 4)
            let packet = RawPacket(
                time: CaptureTime(nanoseconds: expected), interface: 0, bytes: [])
            #expect(items(bytes.finish()).items.last == .packet(packet), "\(byte) \(ticks)")
        }
    }
}
