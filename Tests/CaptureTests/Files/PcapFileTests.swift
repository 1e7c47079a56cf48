// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import Testing

/// Files of the old format, in both byte orders and both kinds of time.
@Suite struct PcapFileTests {
    /// A file of two packets, the second cut by the snap length.
    static func file(magic: UInt32, order: ByteOrder, fraction: UInt32) -> [UInt8] {
        var writer = ByteWriter(order: order)
        writer.write(magic)
        writer.write(UInt16(2))
        writer.write(UInt16(4))
        writer.writeZeros(8)
        writer.write(UInt32(4))
        writer.write(UInt32(101))
        for (count, original) in [(3, 3), (4, 99)] {
            writer.write(UInt32(1_700_000_000))
            writer.write(fraction)
            writer.write(UInt32(count))
            writer.write(UInt32(original))
            writer.write(contentsOf: [UInt8](repeating: 0x45, count: count))
        }
        return writer.finish()
    }

    @Test(arguments: ByteOrder.allCases, [false, true])
    func packetsAreRead(order: ByteOrder, isFine: Bool) throws {
        let magic: UInt32 = isFine ? 0xA1B2_3C4D : 0xA1B2_C3D4
        let bytes = Self.file(magic: magic, order: order, fraction: 123_456)
        let time = CaptureTime(
            nanoseconds: 1_700_000_000_000_000_000 + (isFine ? 123_456 : 123_456_000))
        let expected: [CaptureItem] = [
            .section(CaptureSection()), .interface(0),
            .packet(RawPacket(time: time, interface: 0, bytes: [0x45, 0x45, 0x45])),
            .packet(
                RawPacket(
                    time: time, interface: 0, bytes: [0x45, 0x45, 0x45, 0x45],
                    originalByteCount: 99)),
        ]
        for size in [1, 7, 16, 1000] {
            let read = items(bytes, pieces: size)
            #expect(read.items == expected)
            #expect(read.error == nil)
            #expect(read.pending == 0)
            #expect(read.interfaces.map(\.linkType) == [.raw])
            #expect(read.interfaces.map(\.snapLength) == [4])
            #expect(read.interfaces.map(\.resolution) == [isFine ? .nanoseconds : .microseconds])
        }
    }

    @Test func aFileThatIsCutOffIsReadUpToThere() {
        let bytes = Self.file(magic: 0xA1B2_C3D4, order: .little, fraction: 1)
        let read = items(Array(bytes.dropLast()))
        #expect(read.items.count == 3)
        #expect(read.error == nil)
        #expect(read.pending == 19)
    }

    @Test func whatIsNoCaptureIsRefusedAtOnce() {
        #expect(items(hex("25504446")).error == .notACapture(magic: 0x2550_4446))
        #expect(items(hex("a1b2cd34")).error == .unknownForm("a modified pcap file"))
        #expect(items(hex("34cdb2a1")).error == .unknownForm("a modified pcap file"))
    }

    @Test(arguments: ByteOrder.allCases)
    func anyBytesAreItemsOrAnError(order: ByteOrder) {
        let bytes = Self.file(magic: 0xA1B2_C3D4, order: order, fraction: 1)
        for mutation in mutations(of: bytes, order: order) {
            let read = items(mutation)
            #expect(read == items(mutation, pieces: 5))
        }
    }

    @Test func aRecordOverTheLimitIsDamage() throws {
        var writer = ByteWriter(
            order: .little,
            appendingTo: Self.file(magic: 0xA1B2_C3D4, order: .little, fraction: 1))
        writer.patch(UInt32(CaptureFileReader.blockLimit) + 1, at: 32)
        let read = items(writer.finish())
        #expect(
            read.error
                == .damaged(
                    WireError(
                        code: .limitExceeded(value: 16_777_217, limit: 16_777_216),
                        type: "PcapForm", field: "incl_len", offset: 12), fileOffset: 24))
    }
}
