// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The sum of the Internet protocols: of 16-bit words in network order, in ones' complement.
///
/// - Source: RFC 1071.
public struct InternetChecksum: Equatable, Sendable {
    private var sum: UInt64 = 0

    /// Begins with 0.
    public init() {}

    /// Adds bytes; an odd last one counts as if a zero followed.
    ///
    /// What is added next begins a new word.
    public mutating func add(_ bytes: some Collection<UInt8>) {
        var high: UInt64?
        for byte in bytes {
            if let first = high {
                sum &+= first << 8 | UInt64(byte)
                high = nil
            } else {
                high = UInt64(byte)
            }
        }
        if let high { sum &+= high << 8 }
    }

    /// The complement of the sum, to be written into a header; 0 over bytes that have theirs.
    public var value: UInt16 {
        var folded = sum
        while folded > 0xFFFF { folded = (folded & 0xFFFF) &+ (folded >> 16) }
        return ~UInt16(truncatingIfNeeded: folded)
    }

    /// Adds what stands in front of a segment of TCP or ICMPv6 without being sent: addresses,
    /// length and protocol.
    ///
    /// - Source: RFC 9293, section 3.1; RFC 8200, section 8.1.
    mutating func addPseudoHeader(
        source: [UInt8], destination: [UInt8], protocolNumber: UInt8, byteCount: Int
    ) {
        add(source)
        add(destination)
        add([0, protocolNumber])
        add([
            UInt8(truncatingIfNeeded: byteCount >> 8), UInt8(truncatingIfNeeded: byteCount),
        ])
    }
}
