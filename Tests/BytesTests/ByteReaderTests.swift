// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Testing

@Suite struct ByteReaderTests {
    static let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

    @Test func bigEndianIntegersAreReadMostSignificantByteFirst() throws {
        var reader = ByteReader(Self.bytes[...], order: .big)
        #expect(try reader.readUInt8("a", of: "T") == 0x01)
        #expect(try reader.readUInt16("b", of: "T") == 0x0203)
        #expect(try reader.readUInt32("c", of: "T") == 0x0405_0607)
        #expect(try reader.readUInt64("d", of: "T") == 0x0809_0A0B_0C0D_0E0F)
        try reader.finish("T")
    }

    @Test func littleEndianIntegersAreReadLeastSignificantByteFirst() throws {
        var reader = ByteReader(Self.bytes[...], order: .little)
        #expect(try reader.readUInt8("a", of: "T") == 0x01)
        #expect(try reader.readUInt16("b", of: "T") == 0x0302)
        #expect(try reader.readUInt32("c", of: "T") == 0x0706_0504)
        #expect(try reader.readUInt64("d", of: "T") == 0x0F0E_0D0C_0B0A_0908)
    }

    @Test func aReadPastTheEndSaysWhereAndMovesNothing() throws {
        var reader = ByteReader(Self.bytes[4..<7], order: .little)
        #expect(
            throws: WireError(
                code: .truncated(needed: 4, available: 3), type: "T", field: "f", offset: 0)
        ) { try reader.readUInt32("f", of: "T") }
        #expect(try reader.readUInt16("g", of: "T") == 0x0605)
        #expect(throws: WireError.self) { try reader.readBytes(2, "h", of: "T") }
        #expect(throws: WireError.self) { try reader.readBytes(-1, "h", of: "T") }
        #expect(throws: WireError.self) { try reader.finish("T") }
        #expect(reader.offset == 2)
    }

    @Test(arguments: ByteOrder.allCases) func whatIsWrittenIsRead(order: ByteOrder) throws {
        var writer = ByteWriter(order: order, capacity: 64)
        writer.write(UInt8(0x81))
        writer.write(UInt16(0x8283))
        writer.write(UInt32(0x8485_8687))
        writer.write(UInt64(0x8889_8A8B_8C8D_8E8F))
        writer.write(Int32(-2))
        writer.write(Int64(-3))
        writer.writeZeros(3)
        writer.patch(7, at: 3)
        writer.patch(9, at: writer.count - 3)
        let bytes = writer.finish()
        var reader = ByteReader(bytes[...], order: order)
        #expect(try reader.readUInt8("a", of: "T") == 0x81)
        #expect(try reader.readUInt16("b", of: "T") == 0x8283)
        #expect(try reader.readUInt32("c", of: "T") == 7)
        #expect(try reader.readUInt64("d", of: "T") == 0x8889_8A8B_8C8D_8E8F)
        #expect(try reader.readInt32("e", of: "T") == -2)
        #expect(try reader.readInt64("f", of: "T") == -3)
        #expect(try reader.readBytes(3, "g", of: "T") == [0, 0, 0])
        try reader.finish("T")
    }
    @Test(arguments: [0, 1, 31, 32, 33, 88, 100])
    func aSpanIsAppendedWhole(count: Int) {
        let added = (0..<count).map { UInt8($0) }
        var writer = ByteWriter(order: .big, appendingTo: [0xAA])
        writer.write(contentsOf: added.span)
        writer.write(UInt8(0xBB))
        #expect(writer.finish() == [0xAA] + added + [0xBB])
    }
}
