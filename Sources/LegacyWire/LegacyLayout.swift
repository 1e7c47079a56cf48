// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// How the machine that wrote a packet lays C values out.
///
/// The legacy protocol copies C structs: two nodes understand each other only when they have the
/// same layout. `.bits32` has the rules of i386, where a 64-bit integer is aligned to 4 bytes.
public struct LegacyLayout: Hashable, Sendable {
    /// The size of a pointer, and with it of `long`, `size_t` and the members of `timeval`.
    public enum WordSize: Sendable, CaseIterable {
        /// 4 bytes; a 64-bit integer is aligned to 4.
        case bits32
        /// 8 bytes; a 64-bit integer is aligned to 8.
        case bits64
    }

    /// The order of the bytes of an integer.
    public var byteOrder: ByteOrder
    /// The size of a machine word.
    public var wordSize: WordSize
    /// What a writer puts where a C compiler leaves a hole; anything but 0 shows the holes.
    var filler: UInt8 = 0

    /// Names a layout.
    public init(byteOrder: ByteOrder, wordSize: WordSize) {
        self.byteOrder = byteOrder
        self.wordSize = wordSize
    }

    /// The layout of the machine that this program runs on.
    public static let native = LegacyLayout(
        byteOrder: .native, wordSize: MemoryLayout<Int>.size == 8 ? .bits64 : .bits32)

    /// Every layout that the codec knows.
    public static let all: [LegacyLayout] = ByteOrder.allCases.flatMap { order in
        WordSize.allCases.map { LegacyLayout(byteOrder: order, wordSize: $0) }
    }

    /// A reader over bytes in this layout.
    public func reader(over bytes: ArraySlice<UInt8>) -> ByteReader {
        ByteReader(bytes, order: byteOrder)
    }

    /// A writer for bytes in this layout.
    public func writer(capacity: Int = 0) -> ByteWriter {
        ByteWriter(order: byteOrder, capacity: capacity, filler: filler)
    }

    /// The layout of the machine that wrote a packet, as far as a packet tells.
    ///
    /// - Parameters:
    ///   - packet: at least its first 8 bytes.
    ///   - wordSize: the size of a machine word, which no packet tells.
    /// - Returns: the layout by the order of the magic number's bytes; nil when that is not there.
    public static func detected(
        in packet: ArraySlice<UInt8>, wordSize: WordSize = LegacyLayout.native.wordSize
    ) -> LegacyLayout? {
        for byteOrder in ByteOrder.allCases {
            var reader = ByteReader(packet.prefix(8), order: byteOrder)
            guard let _ = try? reader.readUInt32("length", of: "LegacyLayout"),
                let magic = try? reader.readUInt32("magic", of: "LegacyLayout")
            else { return nil }
            if magic == PacketHeader.magic {
                return LegacyLayout(byteOrder: byteOrder, wordSize: wordSize)
            }
        }
        return nil
    }

    /// The padding between a 32-bit integer at a multiple of 8 and the 64-bit integer after it.
    var paddingBeforeUInt64: Int { wordSize == .bits64 ? 4 : 0 }
    /// The padding behind an 8-bit integer that ends a struct and lies at a multiple of 8.
    var paddingAfterBool: Int { wordSize == .bits64 ? 7 : 3 }
    /// The size of a C `long`.
    var longByteCount: Int { wordSize == .bits64 ? 8 : 4 }
}
