// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CChecksum

/// A CRC-32C (Castagnoli), as iSCSI has it: the checksum of a packet.
///
/// - Source: RFC 3720, section 12.1 and appendix B.4.
public struct CRC32C: Equatable, Sendable {
    private var remainder: UInt32 = .max

    /// Starts with no bytes.
    public init() {}

    /// The checksum of some bytes.
    public static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }

    /// The checksum of some bytes.
    public static func checksum(of bytes: [UInt8]) -> UInt32 { checksum(of: bytes[...]) }

    /// The checksum of bytes that hold a checksum themselves.
    ///
    /// - Parameters:
    ///   - bytes: what is summed up.
    ///   - field: the offset of the four bytes that count as zero; all of them must be inside.
    /// - Returns: the checksum.
    public static func checksum(of bytes: ArraySlice<UInt8>, zeroingField field: Int) -> UInt32 {
        let place = max(0, field)
        return
            ~(unsafe bytes.withUnsafeBytes { part in
                unsafe cchecksum_skipping(.max, part.baseAddress, part.count, place)
            })
    }

    /// Goes on over bytes.
    public mutating func update(_ bytes: ArraySlice<UInt8>) {
        let before = remainder
        remainder = unsafe bytes.withUnsafeBytes { part in
            unsafe cchecksum_update(before, part.baseAddress, part.count)
        }
    }

    /// Goes on over `count` zero bytes, as a checksum field counts in its own packet.
    public mutating func update(zeros count: Int) {
        guard count > 0 else { return }
        remainder = cchecksum_zeros(remainder, count)
    }

    /// Goes on over bytes without the processor's own instruction.
    package mutating func updatePortably(_ bytes: ArraySlice<UInt8>) {
        let before = remainder
        remainder = unsafe bytes.withUnsafeBytes { part in
            unsafe cchecksum_portable(before, part.baseAddress, part.count)
        }
    }

    /// The checksum of all bytes so far.
    public var value: UInt32 { ~remainder }
}
