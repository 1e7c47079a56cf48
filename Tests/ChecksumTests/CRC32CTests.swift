// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Checksum
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the usual check string.
    static let vectors: [(bytes: [UInt8], checksum: UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ((0..<32).map { UInt8($0) }, 0x46DD_794E),
        ((0..<32).map { UInt8(31 - $0) }, 0x113F_DB5C),
        (
            [
                0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
                0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
                0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            ], 0xD996_3A56
        ),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    /// Bytes without a pattern, the same in each run.
    static let noise: [UInt8] = {
        var state: UInt32 = 1
        return (0..<8192).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }()

    static func portable(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc = CRC32C()
        crc.updatePortably(bytes)
        return crc.value
    }

    @Test func theVectorsOfTheStandardHold() {
        for (bytes, checksum) in Self.vectors {
            #expect(CRC32C.checksum(of: bytes) == checksum)
            #expect(Self.portable(bytes[...]) == checksum)
        }
    }

    @Test func aFieldCountsAsZero() {
        for field in [0, 1, 4, 96] {
            var blank = Array(Self.noise[..<100])
            for index in field..<(field + 4) { blank[index] = 0 }
            #expect(
                CRC32C.checksum(of: Self.noise[..<100], zeroingField: field)
                    == Self.portable(blank[...]))
        }
        // A field that is not inside changes nothing, and reads nothing.
        for (count, field) in [(0, 4), (4, 4), (7, 4), (100, 97), (100, Int.max), (8, -3)] {
            let bytes = Self.noise[..<count]
            let expected =
                field < 0 ? Self.portable([0, 0, 0, 0] + bytes.dropFirst(4)) : Self.portable(bytes)
            #expect(CRC32C.checksum(of: bytes, zeroingField: field) == expected)
        }
    }

    @Test func bothWaysAgreeAtEveryAlignmentAndLength() {
        var disagreements: [String] = []
        for start in 0..<16 {
            for count in 0..<300 {
                let slice = Self.noise[start..<(start + count)]
                if CRC32C.checksum(of: slice) != Self.portable(slice) {
                    disagreements.append("\(start)+\(count)")
                }
            }
        }
        #expect(disagreements == [])
    }

    @Test func bothWaysAgreeWhereLanesBeginAndEnd() {
        for start in [0, 1, 7] {
            for count in [1535, 1536, 1537, 1543, 3071, 3072, 3073, 4608, 8180] {
                let slice = Self.noise[start..<(start + count)]
                #expect(CRC32C.checksum(of: slice) == Self.portable(slice))
            }
        }
    }

    @Test func partsAddUpToTheWhole() {
        let whole = CRC32C.checksum(of: Self.noise)
        for split in [0, 1, 3, 8, 100, 1536, 5000, 8192] {
            var crc = CRC32C()
            crc.update(Self.noise[..<split])
            crc.update(Self.noise[split...])
            #expect(crc.value == whole)
        }
    }

    @Test(arguments: [-1, 0, 1, 4, 255, 256, 257, 2000]) func zerosCountAsBytes(count: Int) {
        var zeros = CRC32C()
        zeros.update(Self.noise[..<5])
        zeros.update(zeros: count)
        var bytes = CRC32C()
        bytes.update(Self.noise[..<5])
        bytes.update([UInt8](repeating: 0, count: max(count, 0))[...])
        #expect(zeros == bytes)
    }
}
