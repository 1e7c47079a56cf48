// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

let little64 = LegacyLayout(byteOrder: .little, wordSize: .bits64)
let little32 = LegacyLayout(byteOrder: .little, wordSize: .bits32)
let big64 = LegacyLayout(byteOrder: .big, wordSize: .bits64)

/// Bytes from hexadecimal digits; anything else between them is passed over.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(digits[$0] * 16 + digits[$0 + 1])
    }
}

func slice(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

/// The header that the oracle gives every packet.
func packet(_ body: LegacyPacket.Body) -> LegacyPacket {
    LegacyPacket(
        generation: Generation(rawValue: 0x1112_1314),
        destination: PNN(rawValue: 0x2122_2324), source: PNN(rawValue: 0x3132_3334),
        reqid: Reqid(rawValue: 0x4142_4344), body: body)
}

/// The value of a 32-bit field changed, for inputs that lie.
func patched(_ packet: [UInt8], at offset: Int, to value: UInt32, order: ByteOrder = .little)
    -> [UInt8]
{
    var writer = ByteWriter(order: order, appendingTo: packet)
    writer.patch(value, at: offset)
    return writer.finish()
}

/// A packet cut to `count` bytes whose header agrees with the cut.
func cut(_ packet: [UInt8], to count: Int) -> [UInt8] {
    patched(Array(packet[..<count]), at: 0, to: UInt32(count))
}

/// Value to bytes, bytes to value, and every truncation refused.
func expectGolden<Value: LegacyCoding>(
    _ value: Value, _ hex: String, layout: LegacyLayout = little64,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let expected = bytes(hex)
    #expect(try value.encoded(layout: layout) == expected, sourceLocation: sourceLocation)
    #expect(value.byteCount(layout: layout) == expected.count, sourceLocation: sourceLocation)
    let decoded = try Value.decode(expected[...], layout: layout)
    #expect(decoded == value, sourceLocation: sourceLocation)
    for count in 0..<expected.count {
        #expect(throws: WireError.self, "\(count) bytes", sourceLocation: sourceLocation) {
            try Value.decode(expected[..<count], layout: layout)
        }
    }
}

/// The same for a value that a truncation may leave a value.
func expectBytes<Value: LegacyCoding>(
    _ value: Value, _ hex: String, layout: LegacyLayout = little64,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let expected = bytes(hex)
    #expect(try value.encoded(layout: layout) == expected, sourceLocation: sourceLocation)
    #expect(value.byteCount(layout: layout) == expected.count, sourceLocation: sourceLocation)
    let decoded = try Value.decode(expected[...], layout: layout)
    #expect(decoded == value, sourceLocation: sourceLocation)
}

/// The same for a packet with the oracle's header.
func expectGoldenPacket(
    _ body: LegacyPacket.Body, _ hex: String, layout: LegacyLayout = little64,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let expected = bytes(hex)
    let value = packet(body)
    #expect(try value.encodeAsSeen(layout: layout) == expected, sourceLocation: sourceLocation)
    let decoded = try LegacyPacket.decode(expected[...], layout: layout)
    #expect(decoded == value, sourceLocation: sourceLocation)
    for count in 0..<expected.count {
        #expect(throws: WireError.self, "\(count) bytes", sourceLocation: sourceLocation) {
            try LegacyPacket.decode(expected[..<count], layout: layout)
        }
    }
}

/// A packet that must be refused, with its header's length put right first.
func expectRefused(
    _ packet: [UInt8], _ comment: Comment, layout: LegacyLayout = little64,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(throws: WireError.self, comment, sourceLocation: sourceLocation) {
        try LegacyPacket.decode(packet[...], layout: layout)
    }
}
